import { expectHeaders } from '../support/headers/expect-headers';
import { ERROR_FRAMES } from '../support/headers/expressions';
import { MACHINES } from '../support/headers/machines';

describe('The names of error frames', () => {
  for (const machine of MACHINES) {
    it(`match the values of linux/can/error.h on ${machine.name}`, () => {
      expectHeaders(machine, ERROR_FRAMES);
    });
  }
});
