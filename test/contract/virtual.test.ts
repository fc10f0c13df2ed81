import { contract } from './contract';
import { VirtualWorld } from './virtual-world';

contract(new VirtualWorld());
