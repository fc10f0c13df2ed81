import { expect } from 'chai';
import { committed } from './data';
import type { Values } from './expressions';
import type { Machine } from './machines';

/** Asserts that the expressions have these values in the headers of a machine. */
export function expectHeaders(machine: Machine, ours: Values): void {
  const { values } = committed(machine);
  const theirs = Object.keys(ours).map((expression) => [expression, values[expression]]);
  expect(theirs).to.not.have.length(0);
  expect(ours).to.deep.equal(Object.fromEntries(theirs));
}
