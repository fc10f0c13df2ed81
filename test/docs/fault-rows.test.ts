import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { read, ROOT } from '../support/docs/docs';

/** The last column of every table on a page, line by line. */
function lastColumns(page: string): string[] {
  const lines = [...read(page).matchAll(/^\|.*\|\s*([^|]*?)\s*\|$/gm)].map(([, cell = '']) => cell);
  return lines.filter((cell) => cell !== 'row' && !/^-+$/.test(cell));
}

/** The ids of rows in a text. Expands ranges such as `E1 to E12`. */
function idsOf(text: string): string[] {
  const bare = text.replace(/`[^`]*`/g, '');
  const spans = [...bare.matchAll(/\b([A-Z])(\d+) to \1(\d+)\b/g)].flatMap(([, letter, first, last]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => `${letter}${Number(first) + i}`),
  );
  return [...spans, ...(bare.match(/\b[A-Z]\d+[a-z]?\b/g) ?? [])];
}

/** The rows that the tests define, each with the files that define it. */
function rowsOfTests(): Map<string, Set<string>> {
  const rows = new Map<string, Set<string>>();
  for (const name of readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(ROOT, 'test', name), 'utf8');
    for (const [, id = ''] of text.matchAll(/(?:\b(?:cycleR|r)ow\(\s*|\bid: )['`]([A-Z]\d+[a-z]?)\b/g)) {
      rows.set(id, (rows.get(id) ?? new Set()).add(name));
    }
  }
  return rows;
}

describe('The documentation of faults', () => {
  const rows = rowsOfTests();
  const cells = lastColumns('docs/faults.md');

  it('names only rows that a test defines, and files that exist', () => {
    const named = cells.flatMap(idsOf);
    expect(named).to.include.members(['L1', 'B19', 'E7', 'T1', 'X6']);
    expect(named.filter((id) => !rows.has(id))).to.deep.equal([]);
    const files = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, file]) => file));
    expect(files).to.include('contract/sending.ts');
    expect(files.filter((file = '') => !existsSync(join(ROOT, 'test', file)))).to.deep.equal([]);
  });

  it('lists every row of the transmit engine, on the page of faults and in docs/transmit.md', () => {
    const sending = [...rows.keys()].filter((id) => id.startsWith('T'));
    expect(sending).to.have.length.above(15);
    expect(cells.flatMap(idsOf)).to.include.members(sending);
    const page = [...read('docs/transmit.md').matchAll(/^\| (T\d+[a-z]?) +\|/gm)];
    expect([...new Set(page.map(([, id]) => id))]).to.have.members(sending);
  });

  it('uses C ids only for controllers, and defines each slcan id in one file only', () => {
    const controllers = [...rows].filter(([id]) => id.startsWith('C'));
    const slcan = [...rows].filter(([, files]) => [...files].some((name) => /slcan/.test(name)));
    expect(controllers).to.have.length.above(15);
    expect(slcan.map(([id]) => id)).to.include.members(['N1', 'N2', 'N3']);
    for (const [id, files] of controllers) {
      expect(
        [...files].every((name) => name.startsWith('controllers')),
        id,
      ).to.equal(true);
    }
    for (const [id, files] of slcan) expect(files.size, id).to.equal(1);
  });
});
