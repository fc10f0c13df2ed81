import { availableParallelism } from 'node:os';
import { cycleRow } from '../support/rows/cycle-rows';
import { endingRows, endingWhileReceivingRow } from '../support/rows/ending-rows';
import { exhaustionRows } from '../support/rows/exhaustion-rows';
import { NODES } from '../support/processes/nodes';

/*
 * The rows that take thousands of processes and threads, too many for the guest: on a virtual bus,
 * whose sockets the same thread reads. `npm test -- lifetime` runs them.
 */
const INTERFACE = 'virtual:bus';

describe('The end of a process that receives, on a virtual bus', () => {
  // 400 endings of each kind over four versions of Node, one every 0.25 ms; a thread takes 40 to 60 ms to start.
  endingRows(INTERFACE, 100, 100, availableParallelism());
  endingWhileReceivingRow(INTERFACE);
});

describe('What sockets leave behind, on a virtual bus', () => {
  cycleRow('D1', INTERFACE, 1000, 'kept');
  cycleRow('D2', INTERFACE, 1000, 'own');
});

describe('A process without free descriptors, on a virtual bus', () => {
  exhaustionRows('socket', INTERFACE, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], NODES);
  exhaustionRows('media', INTERFACE, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], NODES);
});
