import { expect } from 'chai';
import { hostABI } from '../../src/libc/ref';
import { committed } from '../support/headers/data';
import { expectHeaders } from '../support/headers/expect-headers';
import {
  allValues,
  arrays,
  CONSTANTS,
  controlMessages,
  structs,
  timeStamps,
  types,
} from '../support/headers/expressions';
import { hostMachine, MACHINES } from '../support/headers/machines';

/*
 * Compares the values that the library computes for each machine with test/support/headers/data.
 * scripts/print-headers.mjs prints these data from the C headers. test/headers prints them again and compares.
 */

for (const machine of MACHINES) {
  const { name, abi } = machine;

  describe(`the C headers of ${name}`, () => {
    it('have the sizes and alignments of C types that the layouts are computed from', () => {
      expectHeaders(machine, types(abi));
    });

    it('have the computed sizes and offsets of all structs', () => {
      expectHeaders(machine, structs(abi));
    });

    it('have the computed sizes of arrays of structs', () => {
      expectHeaders(machine, arrays(abi));
    });

    it('have the computed sizes of control messages', () => {
      expectHeaders(machine, controlMessages(abi));
    });

    it('have the values of all constants and error numbers', () => {
      expect(Object.keys(CONSTANTS).length).to.be.greaterThan(60);
      expectHeaders(machine, CONSTANTS);
    });

    it('have the sizes of time stamps that each socket option selects', () => {
      expectHeaders(machine, timeStamps(abi));
    });

    it('are printed for exactly the expressions that the library uses', () => {
      expect(Object.keys(committed(machine).values)).to.have.members(Object.keys(allValues(abi)));
    });
  });
}

describe('the machine that runs the tests', () => {
  it('has the sizes and alignments of C types that are in the header data', () => {
    expectHeaders(hostMachine(), types(hostABI()));
  });
});
