import { cycleRow } from '../../support/rows/cycle-rows';
import { endingRows, endingWhileReceivingRow } from '../../support/rows/ending-rows';
import { exhaustionRows } from '../../support/rows/exhaustion-rows';
import { FULL } from '../../support/processes/nodes';
import { underTraffic } from '../../support/traffic/under-traffic';

const INTERFACE = 'vcan1';

describe('The end of a process that receives', () => {
  underTraffic(5, { [INTERFACE]: 0x100 });
  // In the guest a process takes a second, its thread 300 ms to start. test/lifetime ends more.
  endingRows(INTERFACE, 300, FULL ? 23 : 1, 1);
  endingWhileReceivingRow(INTERFACE, FULL ? undefined : ['exit', 'unref']);
});

describe('What sockets leave behind', () => {
  underTraffic(1, { [INTERFACE]: 0x100 });
  // From 300 cycles on it checks the memory, too.
  cycleRow('D1', INTERFACE, FULL ? 1000 : 50, 'kept');
  // test/lifetime starts a thousand threads, which would take ten minutes in the guest.
  cycleRow('D2', INTERFACE, FULL ? 60 : 3, 'own');
});

describe('A process without free descriptors', () => {
  underTraffic(5, { [INTERFACE]: 0x100 });
  exhaustionRows('socket', INTERFACE, FULL ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : [0, 4]);
  exhaustionRows('media', INTERFACE, FULL ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : [4]);
});
