/**
 * A set whose members are closed after each test: what a failed test leaves open would fail the next ones
 * and keep mocha alive. A member that cannot be closed fails the run, but does not end it, as a failing
 * hook of all files would.
 */
export function leftovers<T>(close: (member: T) => unknown): Set<T> {
  const open = new Set<T>();
  afterEach(async () => {
    const results = await Promise.allSettled(
      [...open].map(async (each) => {
        await close(each);
      }),
    );
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      console.error('A test left something open that cannot be closed:', result.reason);
      process.once('exit', () => {
        process.exitCode = 1;
      });
    }
  });
  return open;
}
