import { expect } from 'chai';
import { runFixture } from '../support/processes/ending';

describe('A process with a socket whose interface is gone', () => {
  for (const [way, what, code] of [
    ['waits', 'stays alive, because the interface may come back', 9],
    ['unref', 'ends when the socket is unreferenced', 0],
    ['unref-before', 'ends when the socket was unreferenced before', 0],
    ['close', "ends when a listener for 'gone' closes the socket", 0],
    ['ref-after-close', 'ends after ref() on the closed socket', 0],
  ] as const) {
    it(what, async () => {
      const ended = await runFixture('link-ending', way);
      expect(ended.stderr).to.equal('');
      expect(ended.stdout).to.equal('ending\n');
      expect({ code: ended.code, signal: ended.signal }).to.deep.equal({ code, signal: null });
    });
  }
});
