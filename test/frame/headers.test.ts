import { expectHeaders } from '../support/headers/expect-headers';
import { ERROR_FRAMES, FRAMES } from '../support/headers/expressions';
import { MACHINES } from '../support/headers/machines';

describe('The constants of frames', () => {
  for (const machine of MACHINES) {
    it(`equal those of linux/can.h on ${machine.name}`, () => {
      expectHeaders(machine, FRAMES);
    });
  }
});

describe('The names of error frames', () => {
  for (const machine of MACHINES) {
    it(`match the values of linux/can/error.h on ${machine.name}`, () => {
      expectHeaders(machine, ERROR_FRAMES);
    });
  }
});
