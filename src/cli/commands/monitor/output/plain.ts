import type { Terminal } from '../../../main/terminal';
import { pause } from '../../../time/wait';
import { busLines } from './bus-lines';
import { glyphsOf, type Glyphs } from './graph';
import { lineText, type Line } from './line';
import type { Model } from '../model/model';
import { HEADER, rowLine } from './row-line';
import { snapshotJSON } from './snapshot';
import { sorted } from '../model/sort';
import type { View } from '../model/view';
import type { Watch } from '../watch';

/** Columns of the lines about the buses. A file has no limit, but longer lines are hard to read. */
const COLUMNS = 100;
/** Columns for the data: 64 bytes with their marks. */
const DATA_COLUMNS = 3 * 64;

/** The whole table as plain text. */
export function plainTable(model: Model, view: View, glyphs: Glyphs, nowNs: number): string {
  const nameWidth = Math.max(0, ...model.buses.map(({ name }) => name.length));
  const prefix = model.buses.length > 1 ? nameWidth + 1 : 0;
  const rows = model.identifiers.filter((row) => view.filter.accepts(row));
  const options = { columns: COLUMNS, glyphs };
  const lines: Line[] = [
    ...model.buses.flatMap((bus) => busLines(bus, nameWidth, options, nowNs)),
    [`${' '.repeat(prefix)}${HEADER}DATA`],
    ...sorted(rows, view.sort, view.reverse, nowNs).map((row): Line => {
      const name = prefix === 0 ? '' : row.interfaceName.padEnd(prefix);
      return [name, ...rowLine(row, nowNs, DATA_COLUMNS, false)];
    }),
  ];
  if (model.others > 0) lines.push([`${model.others} frames of others`]);
  return lines.map((line) => lineText(line, false)).join('\n');
}

export interface PlainOptions {
  readonly intervalMs: number;
  /** The number of tables; undefined: no limit. */
  readonly count: number | undefined;
  readonly json: boolean;
}

/** Writes a table at every interval, until the count is reached or `io.signal` is aborted. */
export async function writePlain(
  watch: Watch,
  view: View,
  io: Terminal,
  { intervalMs, count = Infinity, json }: PlainOptions,
): Promise<void> {
  const glyphs = glyphsOf(process.env);
  const failing = new AbortController();
  watch.failure.catch((error: unknown) => {
    failing.abort(error);
  });
  // One signal for all tables, so that the number of listeners does not grow with them.
  const end = AbortSignal.any([io.signal, failing.signal]);
  for (let written = 0; written < count;) {
    await pause(intervalMs, io.clock, end);
    failing.signal.throwIfAborted();
    if (end.aborted) return;
    // Skip tables that a slow reader would not read in time.
    if (io.stdout.pending > 0) continue;
    written++;
    watch.refresh();
    const nowNs = Number(io.clock.now());
    if (json) io.print(snapshotJSON(watch.model, view, BigInt(Date.now()) * 1_000_000n, nowNs));
    else io.print(`${plainTable(watch.model, view, glyphs, nowNs)}\n`);
  }
}
