/** The counts of all suites, their failures and their slowest tests. */

const SLOWEST = 10;
/** Shorter tests are not worth a line, in ms. */
const SLOW_MS = 200;

export class Total {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** @type {string[]} */
  #failures = [];
  /** @type {{ ms: number, title: string }[]} */
  #slowest = [];

  /**
   * @param {string} suite
   * @param {{
   *   passed: number, failed: number, skipped: number,
   *   failures?: string[], slowest?: { ms: number, title: string }[]
   * }} counts
   */
  add(suite, { passed, failed, skipped, failures = [], slowest = [] }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
    this.#failures.push(...failures.map((title) => `${suite}: ${title}`));
    this.#slowest.push(...slowest.map(({ ms, title }) => ({ ms, title: `${suite}: ${title}` })));
  }

  /** Counts something that is not a test, such as a crash, as a failure. */
  fail(why) {
    console.error(`\n${why}`);
    this.failed++;
    this.#failures.push(why);
  }

  print() {
    const slow = this.#slowest.filter(({ ms }) => ms >= SLOW_MS);
    const slowest = slow.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
    if (slowest.length > 0) console.log('\nSlowest tests:');
    for (const { ms, title } of slowest) console.log(`${String(ms).padStart(7)} ms  ${title}`);
    if (this.#failures.length > 0) console.log('\nFailures:');
    for (const title of this.#failures) console.log(`  - ${title}`);
    console.log(`\n${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`);
  }
}
