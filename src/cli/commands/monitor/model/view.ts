import { RowFilter } from './row-filter';
import { SORTS, type Sort } from './sort';

/** The part of the table that the user has chosen to see. */
export interface View {
  readonly sort: Sort;
  /** Whether the sort order is reversed. */
  readonly reverse: boolean;
  readonly filter: RowFilter;
  /** The filter that is being typed. Undefined: keys are commands. */
  readonly editing?: string | undefined;
  readonly paused: boolean;
  readonly help: boolean;
  /** The number of rows above the first shown row. */
  readonly top: number;
}

export const FIRST_VIEW: View = {
  sort: 'id',
  reverse: false,
  filter: new RowFilter(''),
  paused: false,
  help: false,
  top: 0,
};

/** What a key does besides changing the view. */
export type Action = 'quit' | 'reset' | 'redraw';

/** The result of a key. */
export interface KeyResult {
  readonly view: View;
  readonly action?: Action;
}

/** The number of rows, and how many of them fit on the screen. */
export interface Extent {
  readonly rows: number;
  readonly page: number;
}

const SORT_KEYS: Readonly<Record<string, Sort>> = {
  i: 'id',
  r: 'rate',
  n: 'count',
  c: 'change',
  t: 'period',
};

/** The longest filter that can be typed. */
const FILTER_LENGTH = 60;

/** Applies a key to the view. */
export function press(view: View, key: string, extent: Extent): KeyResult {
  if (key === 'ctrl-c') return { view, action: 'quit' };
  if (key === 'ctrl-l') return { view, action: 'redraw' };
  if (view.editing !== undefined) return { view: edit(view, view.editing, key) };
  if (view.help) return key === 'q' ? { view, action: 'quit' } : { view: { ...view, help: false } };
  const sort = SORT_KEYS[key];
  if (sort !== undefined) return { view: { ...view, sort, reverse: false, top: 0 } };
  switch (key) {
    case 'q':
      return { view, action: 'quit' };
    case 'x':
      return { view: { ...view, top: 0 }, action: 'reset' };
    case 's': {
      const next = SORTS[(SORTS.indexOf(view.sort) + 1) % SORTS.length] ?? 'id';
      return { view: { ...view, sort: next, reverse: false, top: 0 } };
    }
    case 'v':
      return { view: { ...view, reverse: !view.reverse } };
    case '/':
    case 'f':
      return { view: { ...view, editing: view.filter.text } };
    case 'escape':
      return { view: { ...view, filter: new RowFilter(''), top: 0 } };
    case 'p':
    case ' ':
      return { view: { ...view, paused: !view.paused } };
    case '?':
    case 'h':
      return { view: { ...view, help: true } };
    default:
      return { view: { ...view, top: scrolled(view.top, key, extent) } };
  }
}

/** Enter keeps the typed filter, ESC the previous one. The typed filter applies at once. */
function edit(view: View, text: string, key: string): View {
  if (key === 'enter') return { ...view, filter: new RowFilter(text), editing: undefined, top: 0 };
  if (key === 'escape') return { ...view, editing: undefined };
  if (key === 'backspace') return { ...view, editing: text.slice(0, -1) };
  if (key.length > 1 || text.length >= FILTER_LENGTH) return view;
  return { ...view, editing: text + key };
}

function scrolled(top: number, key: string, { rows, page }: Extent): number {
  const last = Math.max(0, rows - page);
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    'page-up': -page,
    'page-down': page,
    home: -Infinity,
    g: -Infinity,
    end: Infinity,
    G: Infinity,
  };
  return Math.min(last, Math.max(0, top + (steps[key] ?? 0)));
}
