/**
 * Runs jobs at the same time and prints their output one after another: that of the first which has
 * not ended as it comes, that of the others when it is their turn.
 */

/**
 * @typedef {object} Job
 * @property {string} title
 * @property {string} [lock] jobs with the same lock never run at the same time
 * @property {(print: (chunk: Buffer | string) => void) => Promise<void>} run
 */

/**
 * @param {readonly Job[]} jobs start in this order
 * @param {number} abreast how many run at the same time at most
 */
export async function runJobs(jobs, abreast) {
  const waiting = [...jobs];
  const started = [];
  const locks = new Set();
  const running = new Set();

  /** Prints what the jobs whose turn it is have written. */
  const flush = () => {
    while (started.length > 0) {
      const [first] = started;
      for (const chunk of first.chunks.splice(0)) process.stdout.write(chunk);
      if (!first.ended) return;
      started.shift();
    }
  };
  const start = (job) => {
    const record = { chunks: [`\n== ${job.title}\n`], ended: false };
    started.push(record);
    if (job.lock !== undefined) locks.add(job.lock);
    flush();
    const print = (chunk) => {
      record.chunks.push(chunk);
      flush();
    };
    const done = job.run(print).finally(() => {
      record.ended = true;
      if (job.lock !== undefined) locks.delete(job.lock);
      running.delete(done);
      flush();
    });
    running.add(done);
  };

  while (waiting.length > 0 || running.size > 0) {
    while (running.size < abreast) {
      const next = waiting.findIndex(({ lock }) => lock === undefined || !locks.has(lock));
      if (next < 0) break;
      start(waiting.splice(next, 1)[0]);
    }
    await Promise.race(running);
  }
}
