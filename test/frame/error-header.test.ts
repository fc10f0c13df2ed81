import { expectHeaders } from '../support/headers/expect-headers';
import { ERROR_FRAMES } from '../support/headers/expressions';
import { MACHINES } from '../support/headers/machines';

describe('the names of error frames', () => {
  for (const machine of MACHINES) {
    it(`stand for the values of linux/can/error.h on ${machine.name}`, () => {
      expectHeaders(machine, ERROR_FRAMES);
    });
  }
});
