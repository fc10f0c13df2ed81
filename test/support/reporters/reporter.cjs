'use strict';

const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const GRACE_MS = 10_000;

/**
 * Mocha's spec reporter, closed by one plain line of counts that CI can read. Where scripts/test.mjs
 * adds up several runs, the counts go to the file it names instead, and the line is its own.
 */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const file = process.env.SOCKETCAN_TEST_COUNTS;
      if (file === undefined) {
        console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
        return;
      }
      writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
      // A socket or a thread left open keeps the process alive; this timer does not. It makes that a
      // failure at once, instead of when the time for the whole suite is up.
      setTimeout(() => {
        const resources = process.getActiveResourcesInfo().join(', ');
        console.error(`The tests are over, but something keeps the process alive: ${resources}`);
        // Mocha sets the exit code at the very end, by the failures it counted.
        process.once('exit', () => {
          process.exitCode = 1;
        });
        process.exit();
      }, GRACE_MS).unref();
    });
  }
};
