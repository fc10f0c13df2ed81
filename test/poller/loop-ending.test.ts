import { expect } from 'chai';
import { runFixture, type Ended } from '../support/processes/ending';

function end(where: 'main' | 'worker', way: string): Promise<Ended> {
  return runFixture(where === 'main' ? 'loop-ending' : 'loop-ending-worker', way);
}

/** Neither a signal nor an abort ended the process. A process that hangs ends by SIGKILL. */
async function expectEnd(where: 'main' | 'worker', way: string, expected: number): Promise<void> {
  const { code, signal, stderr } = await end(where, way);
  expect({ code, signal, stderr }).to.deep.equal({ code: expected, signal: null, stderr: '' });
}

describe("a process with an open socket of the poller 'loop'", () => {
  it('exits with the code of process.exit(), also within a listener for frames', async () => {
    await Promise.all([expectEnd('main', 'exit', 7), expectEnd('main', 'exit-in-listener', 7)]);
  });

  it('ends by an uncaught exception with code 1', async () => {
    const { code, signal, stderr } = await end('main', 'throw');
    expect({ code, signal }).to.deep.equal({ code: 1, signal: null });
    expect(stderr).to.contain('Error: uncaught');
  });

  it('ends when a SIGINT handler calls process.exit()', () => expectEnd('main', 'SIGINT', 6));

  it('ends by itself when the socket is unreferenced or closed', async () => {
    await Promise.all([expectEnd('main', 'unref', 0), expectEnd('main', 'close', 0)]);
  });

  it('ends without an abort when frames arrive during its exit', () => expectEnd('main', 'readable', 0));

  it('stays while the socket is referenced', () => expectEnd('main', 'stay', 9));

  it('stays until a drain() resolves although the socket is not referenced', async () => {
    const { code, stdout } = await end('main', 'drain');
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'ending\ndrained 350\n' });
  });
});

describe("a worker thread with an open socket of the poller 'loop'", () => {
  it('exits with the code of process.exit(), also within a listener for frames', async () => {
    await Promise.all([expectEnd('worker', 'exit', 7), expectEnd('worker', 'exit-in-listener', 7)]);
  });

  it('ends by an uncaught exception, and its parent gets the error', async () => {
    const { code, signal, stderr } = await end('worker', 'throw');
    expect({ code, signal, stderr }).to.deep.equal({ code: 1, signal: null, stderr: 'uncaught\n' });
  });

  it('ends without an abort when frames arrive during its exit', () => expectEnd('worker', 'readable', 0));

  it('ends by itself when the socket is unreferenced or closed', async () => {
    await Promise.all([expectEnd('worker', 'unref', 0), expectEnd('worker', 'close', 0)]);
  });

  it('ends by terminate()', () => expectEnd('worker', 'terminate', 1));

  it('ends with its process when the main thread calls process.exit()', () => expectEnd('worker', 'main-exit', 8));
});
