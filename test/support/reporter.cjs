'use strict';

const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

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
      } else {
        writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
      }
    });
  }
};
