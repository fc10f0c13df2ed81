import { expect } from 'chai';
import { runFixture, type Ended } from '../support/processes/ending';
import { FULL } from '../support/processes/nodes';

const FIXTURE = 'poller-ending';

/** Moments after the start of the thread, in ms. On a quiet machine it loads koffi within them. */
const MOMENTS = FULL ? [0, 20, 50, 100, 200, 400, 700, 1500] : [0, 50, 200];

/** Processes that run at the same time. */
const ABREAST = 4;

/** Neither a signal nor an abort ended the process. A process that hangs ends by SIGKILL. */
function expectEnd({ code, signal, stderr }: Ended, expected: number): void {
  expect(stderr).to.equal('');
  expect({ code, signal }).to.deep.equal({ code: expected, signal: null });
}

describe('a process with a poller', () => {
  it('exits with the code of process.exit() at any moment while the thread starts', async () => {
    const moments = [...MOMENTS];
    while (moments.length > 0) {
      const ended = await Promise.all(
        moments.splice(0, ABREAST).map((moment) => runFixture(FIXTURE, 'exit', String(moment))),
      );
      for (const end of ended) expectEnd(end, 7);
    }
  });

  it('exits with the code of process.exit() while the thread receives', async () => {
    expectEnd(await runFixture(FIXTURE, 'exit', 'receiving'), 7);
  });

  it('ends by an uncaught exception with code 1', async () => {
    const ended = await runFixture(FIXTURE, 'throw', 'receiving');
    expect(ended.stderr).to.contain('Error: uncaught');
    expectEnd({ ...ended, stderr: '' }, 1);
  });

  it('ends by itself when no socket is referenced', async () => {
    for (const ended of await Promise.all([
      runFixture(FIXTURE, 'unref', '0'),
      runFixture(FIXTURE, 'unref', 'receiving'),
    ])) {
      expectEnd(ended, 0);
    }
  });

  it('stays while a socket is referenced', async () => {
    expectEnd(await runFixture(FIXTURE, 'stay'), 9);
  });

  it('stays until a drain() resolves although no socket is referenced, and then ends', async () => {
    const [early, late] = await Promise.all([
      runFixture(FIXTURE, 'drain', '0'),
      runFixture(FIXTURE, 'drain', 'receiving'),
    ]);
    expectEnd(early, 0);
    expect(early.stdout).to.equal('ending\ndrained 40\n');
    expectEnd(late, 0);
    expect(late.stdout).to.equal('ending\ndrained 41\n');
  });

  it('stays until a remove() resolves, and then ends', async () => {
    const ended = await runFixture(FIXTURE, 'remove');
    expectEnd(ended, 0);
    expect(ended.stdout).to.equal('ending\nremoved\n');
  });
});
