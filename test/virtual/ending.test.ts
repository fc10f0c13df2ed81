import { expect } from 'chai';
import { runFixture } from '../support/processes/ending';

describe('a process with a socket whose interface is gone', function () {
  this.timeout(60_000);

  for (const [way, what, code] of [
    ['waits', 'stays, since the interface may come back', 9],
    ['unref', 'ends by itself when the socket is not referenced', 0],
    ['unref-before', 'ends by itself when the socket was not referenced before', 0],
    ['close', 'ends by itself when the socket is closed in the very event', 0],
    ['ref-after-close', 'ends by itself whatever is said to the closed socket', 0],
  ] as const) {
    it(what, async () => {
      const ended = await runFixture('link-ending', way);
      expect(ended.stderr).to.equal('');
      expect(ended.stdout).to.equal('ending\n');
      expect({ code: ended.code, signal: ended.signal }).to.deep.equal({ code, signal: null });
    });
  }
});
