import { contract } from './contract';
import { VirtualWorld } from './virtual-world';

contract((poller) => new VirtualWorld(poller));
