import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { throwUncaught } from '../src/uncaught';
import { collectUncaught } from './support/processes/process';

describe('throwUncaught', () => {
  it('returns, then throws the error as an uncaught exception', async () => {
    const error = new Error('from a listener');
    const uncaught = await collectUncaught(async (errors) => {
      throwUncaught(error);
      expect(errors).to.deep.equal([]);
      await turn();
    });
    expect(uncaught).to.deep.equal([error]);
    expect(uncaught[0]).to.equal(error);
  });
});
