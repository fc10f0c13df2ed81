import { cycleRow } from '../../support/rows/cycle-rows';
import { endingRows, endingWhileReceivingRow } from '../../support/rows/ending-rows';
import { exhaustionRows } from '../../support/rows/exhaustion-rows';
import { FULL } from '../../support/processes/nodes';
import { underTraffic } from '../../support/traffic/under-traffic';

const INTERFACE = 'vcan1';

describe('The end of a process that receives', () => {
  underTraffic(5, { [INTERFACE]: 0x100 });
  // A process takes a second in the guest, its thread 300 ms to start. More of them: test/lifetime.
  endingRows(INTERFACE, 300, FULL ? 23 : 1, 1);
  endingWhileReceivingRow(INTERFACE);
});

describe('What sockets leave behind', () => {
  underTraffic(1, { [INTERFACE]: 0x100 });
  cycleRow('D1', INTERFACE, FULL ? 1000 : 300, 'kept');
  // A thousand threads would take ten minutes in the guest: test/lifetime.
  cycleRow('D2', INTERFACE, FULL ? 60 : 3, 'own');
});

describe('A process without free descriptors', () => {
  underTraffic(5, { [INTERFACE]: 0x100 });
  exhaustionRows('socket', INTERFACE, FULL ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : [0, 1, 4]);
  exhaustionRows('media', INTERFACE, FULL ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : [4]);
});
