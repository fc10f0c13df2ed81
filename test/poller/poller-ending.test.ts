import { expect } from 'chai';
import { runFixture, type Ended } from '../support/processes/ending';

const FIXTURE = 'poller-ending';

/** A thread in poll(2) forever would hang the process; the exit hook's patience is 5 s, poll's 1 s. */
const HANGS_MS = 4500;

function expectEnd({ code, signal, stderr, took }: Ended, expected: number): void {
  expect(stderr).to.equal('');
  expect({ code, signal }).to.deep.equal({ code: expected, signal: null });
  expect(took).to.be.lessThan(HANGS_MS);
}

describe('a process with a poller', function () {
  this.timeout(60_000);

  it('exits with its code, not aborted and not hanging, whenever it calls process.exit()', async () => {
    // The thread loads koffi and declares functions about this long after its start.
    const moments = [0, 20, 50, 100, 200, 400, 700, 1500];
    while (moments.length > 0) {
      const ended = await Promise.all(
        moments.splice(0, 4).map((moment) => runFixture(FIXTURE, 'exit', String(moment))),
      );
      for (const end of ended) expectEnd(end, 7);
    }
  });

  it('ends by an uncaught exception as any process', async () => {
    const ended = await runFixture(FIXTURE, 'throw', '800');
    expect(ended.stderr).to.contain('Error: uncaught');
    expectEnd({ ...ended, stderr: '' }, 1);
  });

  it('ends by itself when no socket is referenced, early or late', async () => {
    for (const ended of await Promise.all([
      runFixture(FIXTURE, 'unref', '0'),
      runFixture(FIXTURE, 'unref', '1500'),
    ])) {
      expectEnd(ended, 0);
    }
  });

  it('stays while a socket is referenced', async () => {
    expectEnd(await runFixture(FIXTURE, 'stay'), 9);
  });

  it('stays until a drain() is settled, though no socket is referenced, and ends then', async () => {
    for (const moment of ['0', '800']) {
      const ended = await runFixture(FIXTURE, 'drain', moment);
      expectEnd(ended, 0);
      expect(ended.stdout).to.equal('ending\ndrained 40\n');
    }
  });

  it('stays until a removal is complete, and ends then', async () => {
    const ended = await runFixture(FIXTURE, 'remove');
    expectEnd(ended, 0);
    expect(ended.stdout).to.equal('ending\nremoved\n');
  });
});
