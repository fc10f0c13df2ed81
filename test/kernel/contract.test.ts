import { contract } from '../contract/contract';
import { VcanWorld } from '../contract/vcan-world';

contract((poller) => new VcanWorld(poller));
