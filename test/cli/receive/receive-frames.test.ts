import { expect } from 'chai';
import { parseFrame, VirtualBus } from '../../../src';
import { receiveFrames } from '../../../src/cli/receive/receive-frames';
import { CLI } from '../../support/processes/cli';

describe('receiveFrames', () => {
  it('fails with the exception of onFrames, also for the last frames', async () => {
    const buses = ['listen1', 'listen2'].map((name) => VirtualBus.get(name));
    const run = new CLI();
    const receiving = receiveFrames(buses, run.terminal, {
      name: 'socketcan test',
      onFrames() {
        throw new Error('no room');
      },
    });
    // SIGINT makes the merge deliver the last frames.
    for (const bus of buses) bus.inject(parseFrame('123#'));
    run.terminal.interrupt('SIGINT');
    const failure = await receiving.catch((error: unknown) => error);
    expect(failure).to.be.an('error').with.property('message', 'no room');
  });
});
