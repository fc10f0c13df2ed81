/** A row of a fault table: what is done to the library, and what came of it. */
export interface Row {
  /** The row's number in the table, like `B7`. */
  readonly id: string;
  /** What is done, in a few words. */
  readonly done: string;
  /** What was seen, in a few words each; filled while the test runs. */
  readonly seen: string[];
}

/** A test that is a row; fault-report.cjs prints these as a table. */
export interface RowTest extends Mocha.Test {
  row?: Row;
}

/** Says what was seen, for the table. It proves nothing: what must hold is asserted beside it. */
export type Seen = (...texts: readonly string[]) => void;

/** Defines a test that is a row of a fault table. */
export function row(id: string, done: string, run: (this: Mocha.Context, seen: Seen) => void | Promise<void>): RowTest {
  const seen: string[] = [];
  const test: RowTest = it(`${id}: ${done}`, async function () {
    await run.call(this, (...texts) => seen.push(...texts));
  });
  test.row = { id, done, seen };
  return test;
}
