/** Counts the turns of the event loop until it is stopped, which gives their number. */
export function countTurns(): { stop(): number } {
  let turns = 0;
  let next = setImmediate(function count(): void {
    turns++;
    next = setImmediate(count);
  });
  return {
    stop: () => {
      clearImmediate(next);
      return turns;
    },
  };
}
