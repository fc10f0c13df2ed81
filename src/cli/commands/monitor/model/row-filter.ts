import { hexBytes, hexIdentifier } from '../../../../frame/hex';
import type { Identifier } from './identifier';

type Test = (row: Identifier, id: string) => boolean;

/**
 * Which rows are shown: terms with a space or comma between them, of which one must fit.
 *
 * - `18F`: hex digits somewhere in the identifier as it is shown, or in the data
 * - `100:700`: the identifier is 100 in the bits that are ones in the mask 700
 * - `#DEAD`: hex digits somewhere in the data
 *
 * Anything fits an empty text; a term that is none of these fits nothing.
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
