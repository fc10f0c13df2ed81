'use strict';

const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

/** How long sockets and threads may take to end after the last test, in ms. */
const GRACE_MS = 60_000;
const SLOWEST = 10;

/** @param {Mocha.Suite} suite @returns {Mocha.Test[]} */
function testsOf(suite) {
  return [...suite.tests, ...suite.suites.flatMap(testsOf)];
}

/**
 * Mocha's spec reporter, closed by one plain line of counts that CI can read. Where scripts/test.mjs
 * adds up several runs, the counts go to the file that it names instead, and the line is its own.
 *
 * A failing hook makes mocha pass over the rest of its suite. This reporter lists each of those tests
 * and counts it as failed. An unhandled rejection fails the test that runs.
 */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // Mocha only emits it again: this makes it an uncaught exception, as in a plain process.
    process.on('unhandledRejection', (reason) => {
      throw reason;
    });
    const titles = (tests) => tests.map((test) => test.fullTitle());
    const ended = [];
    runner.on(Runner.constants.EVENT_TEST_END, (test) => ended.push(test));
    const failures = [];
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test) => failures.push(test));
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const notRun = testsOf(runner.suite).filter(
        (test) => !ended.includes(test) && !failures.includes(test) && this.#chosen(runner, test),
      );
      for (const title of titles(notRun)) console.log(`not run, after a failed hook: ${title}`);
      const counts = {
        passed: this.stats.passes,
        failed: this.stats.failures + notRun.length,
        skipped: this.stats.pending,
      };
      if (notRun.length > 0) process.once('exit', () => (process.exitCode = 1));
      const file = process.env.SOCKETCAN_TEST_COUNTS;
      if (file === undefined) {
        const { passed, failed, skipped } = counts;
        console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
        return;
      }
      const slowest = [...ended].sort((a, b) => (b.duration ?? 0) - (a.duration ?? 0));
      writeFileSync(
        file,
        JSON.stringify({
          ...counts,
          failures: titles([...failures, ...notRun]),
          slowest: slowest.slice(0, SLOWEST).map((test) => ({ ms: test.duration ?? 0, title: test.fullTitle() })),
        }),
      );
      this.#endSoon();
    });
  }

  #chosen({ _grep, _invert }, test) {
    return !test.isPending() && _grep.test(test.fullTitle()) !== Boolean(_invert);
  }

  /** A socket or a thread left open keeps the process alive; this timer does not, and makes it a failure. */
  #endSoon() {
    setTimeout(() => {
      const resources = process.getActiveResourcesInfo().join(', ');
      console.error(`The tests are over, but something keeps the process alive: ${resources}`);
      // Mocha sets the exit code last, from the failures it counted.
      process.once('exit', () => (process.exitCode = 1));
      process.exit();
    }, GRACE_MS).unref();
  }
};
