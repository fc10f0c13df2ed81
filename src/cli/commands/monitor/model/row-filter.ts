import { hexBytes, hexIdentifier } from '../../../../hex';
import type { Identifier } from './identifier';

type Test = (row: Identifier, id: string) => boolean;

/**
 * Selects the rows to show. Spaces or commas separate the terms of the filter. A row must match one term:
 *
 * - `18F`: hex digits anywhere in the shown identifier or the data
 * - `100:700`: an identifier that equals 100 in the bits of the mask 700
 * - `#DEAD`: hex digits anywhere in the data
 *
 * Every row matches an empty text. No row matches an invalid term.
 */
export class RowFilter {
  readonly text: string;
  readonly #tests: readonly Test[];

  constructor(text: string) {
    this.text = text;
    this.#tests = text
      .toUpperCase()
      .split(/[\s,]+/)
      .filter((term) => term !== '')
      .map(testOf);
  }

  accepts(row: Identifier): boolean {
    if (this.#tests.length === 0) return true;
    const id = hexIdentifier(row.frame.format, row.frame.identifier);
    return this.#tests.some((test) => test(row, id));
  }
}

function testOf(term: string): Test {
  const [, identifier, mask] = /^([0-9A-F]+):([0-9A-F]+)$/.exec(term) ?? [];
  if (identifier !== undefined && mask !== undefined) {
    const [wanted, bits] = [Number.parseInt(identifier, 16), Number.parseInt(mask, 16)];
    return (row) => ((row.frame.identifier ^ wanted) & bits) === 0;
  }
  if (term.startsWith('#')) return (row) => hexBytes(row.data).includes(term.slice(1));
  return (row, id) => id.includes(term) || hexBytes(row.data).includes(term);
}
