import { expect } from 'chai';
import { evaluateC, hasC } from '../support/headers/c';
import {
  CLASSES,
  CONTROLLER,
  LOCATIONS,
  PROTOCOL,
  TRANSCEIVER,
} from '../support/headers/error-header';

describe('The names of error frames', () => {
  (hasC ? it : it.skip)('stand for the values of linux/can/error.h', () => {
    // CAN_ERR_CNT came with Linux 6.0; the headers of this machine may be older than its kernel.
    const all = [...CLASSES, ...CONTROLLER, ...PROTOCOL, ...LOCATIONS, ...TRANSCEIVER].filter(
      ([constant]) => constant !== 'CNT',
    );
    const expected = Object.fromEntries(all.map(([name, value]) => [`CAN_ERR_${name}`, value]));
    expect(evaluateC(Object.keys(expected))).to.deep.equal(expected);
  });
});
