import { contract } from '../contract/contract';
import { VcanWorld } from '../contract/vcan-world';

contract(new VcanWorld());
