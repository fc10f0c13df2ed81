import type { Glyphs } from './graph';
import { busLines } from './bus-lines';
import { HELP } from './help';
import { clip, styled, widthOf, type Line, type Span } from './line';
import type { Model } from '../model/model';
import { RowFilter } from '../model/row-filter';
import { HEADER, rowLine } from './row-line';
import { sorted } from '../model/sort';
import type { Extent, View } from '../model/view';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The properties of the terminal that the text depends on. */
export interface RenderOptions extends Size {
  readonly color: boolean;
  readonly glyphs: Glyphs;
}

/** The rendered screen. */
export interface RenderedScreen {
  /** At most one line for each row of the screen, none wider than the screen. */
  readonly lines: readonly Line[];
  readonly extent: Extent;
}

/** Renders the screen: the buses, the rows that fit, and a line with the chosen view. */
export function render(model: Model, view: View, options: RenderOptions, nowNs: number): RenderedScreen {
  const { columns, rows, color } = options;
  const nameWidth = Math.max(0, ...model.buses.map(({ name }) => name.length));
  const top = model.buses.flatMap((bus) => busLines(bus, nameWidth, options, nowNs));
  const filter = view.editing === undefined ? view.filter : new RowFilter(view.editing);
  const accepted = model.identifiers.filter((row) => filter.accepts(row));
  const page = Math.max(0, rows - top.length - 2);
  const first = Math.min(view.top, Math.max(0, accepted.length - page));
  const shown = sorted(accepted, view.sort, view.reverse, nowNs).slice(first, first + page);

  // Rows name the interface only if there are several.
  const prefix = model.buses.length > 1 ? nameWidth + 1 : 0;
  const room = columns - prefix - HEADER.length;
  const table = view.help
    ? HELP.slice(0, page).map((text): Line => [text])
    : shown.map((row): Line => {
        const name = prefix === 0 ? '' : row.interfaceName.padEnd(prefix);
        return [name, ...rowLine(row, nowNs, room, color)];
      });
  while (table.length < page) table.push([]);
  const header = `${' '.repeat(prefix)}${HEADER}DATA`.padEnd(columns);
  const extent = { rows: accepted.length, page };
  const lines = [
    ...top,
    [styled(header, 'inverse')],
    ...table,
    footer(model, view, columns, { first, shown: shown.length, accepted: accepted.length }),
  ];
  // A screen that is too small shows the end: the last line says how to quit.
  return { lines: lines.slice(-rows).map((line) => clip(line, columns)), extent };
}

/** The rows that are shown. */
interface RowRange {
  readonly first: number;
  readonly shown: number;
  readonly accepted: number;
}

function footer(model: Model, view: View, columns: number, range: RowRange): Line {
  if (view.editing !== undefined) {
    const hint = styled('   enter: apply, ESC: cancel', 'dim');
    return [styled('filter: ', 'bold'), `${view.editing}_`, hint];
  }
  const left: Span[] = view.paused ? [styled('PAUSED', 'yellow'), '  '] : [];
  const { first, shown, accepted } = range;
  const some = shown < accepted ? `${first + 1}-${first + shown} of ${accepted}` : `${accepted}`;
  left.push(`${some} identifiers  by ${view.sort}${view.reverse ? ', reversed' : ''}`);
  if (view.filter.text !== '') left.push('  ', styled(`filter: ${view.filter.text}`, 'bold'));
  if (model.others > 0) left.push('  ', styled(`${model.others} frames of others`, 'yellow'));
  const right = '? help  q quit';
  const gap = columns - widthOf(left) - right.length;
  return gap < 2 ? left : [...left, ' '.repeat(gap), styled(right, 'dim')];
}
