import { expect } from 'chai';
import { runFixture, type Ended } from '../support/processes/ending';

/** Nothing has to be waited for: no thread, and no timer. */
const AT_ONCE_MS = 4000;

async function end(where: 'main' | 'worker', way: string): Promise<Ended> {
  const ended = await runFixture(where === 'main' ? 'loop-ending' : 'loop-ending-worker', way);
  expect(ended.took, `${ended.stdout}${ended.stderr}`).to.be.lessThan(AT_ONCE_MS);
  return ended;
}

async function expectEnd(where: 'main' | 'worker', way: string, expected: number): Promise<void> {
  const { code, signal, stderr } = await end(where, way);
  expect({ code, signal, stderr }).to.deep.equal({ code: expected, signal: null, stderr: '' });
}

describe("a process with an open socket of the poller 'loop'", function () {
  this.timeout(60_000);

  it('ends by process.exit() with its code, also within a listener for frames', async () => {
    await expectEnd('main', 'exit', 7);
    await expectEnd('main', 'exit-in-listener', 7);
  });

  it('ends by an uncaught exception as any process', async () => {
    const { code, signal, stderr } = await end('main', 'throw');
    expect({ code, signal }).to.deep.equal({ code: 1, signal: null });
    expect(stderr).to.contain('Error: uncaught');
  });

  it('ends by a handler of SIGINT that calls process.exit()', () => expectEnd('main', 'SIGINT', 6));

  it('ends by itself when the socket is not referenced, or is closed', async () => {
    await expectEnd('main', 'unref', 0);
    await expectEnd('main', 'close', 0);
  });

  it('ends by itself, and is not aborted, with frames that came too late to be read', () =>
    expectEnd('main', 'readable', 0));

  it('stays while the socket is referenced', () => expectEnd('main', 'stay', 9));

  it('stays until a drain() is settled, though the socket is not referenced', async () => {
    const { code, stdout } = await end('main', 'drain');
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'ending\ndrained 350\n' });
  });
});

describe("a worker thread with an open socket of the poller 'loop'", function () {
  this.timeout(60_000);

  it('ends by process.exit() with its code, also within a listener for frames', async () => {
    await expectEnd('worker', 'exit', 7);
    await expectEnd('worker', 'exit-in-listener', 7);
  });

  it('ends by an uncaught exception, of which its owner is told', async () => {
    const { code, signal, stderr } = await end('worker', 'throw');
    expect({ code, signal, stderr }).to.deep.equal({ code: 1, signal: null, stderr: 'uncaught\n' });
  });

  it('ends by itself, and is not aborted, with frames that came too late to be read', () =>
    expectEnd('worker', 'readable', 0));

  it('ends by itself when the socket is not referenced, or is closed', async () => {
    await expectEnd('worker', 'unref', 0);
    await expectEnd('worker', 'close', 0);
  });

  it('is ended by terminate()', () => expectEnd('worker', 'terminate', 1));

  it('does not keep its process from process.exit()', () => expectEnd('worker', 'main-exit', 8));
});
