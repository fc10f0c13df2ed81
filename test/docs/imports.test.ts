import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { read, ROOT } from '../support/docs/docs';

interface Rule {
  readonly name: string;
  readonly comment: string;
}

const CONFIG = join(ROOT, '.dependency-cruiser.cjs');
const CRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

const { forbidden } = createRequire(__filename)(CONFIG) as { readonly forbidden: readonly Rule[] };

/** The project that the rules are tried on: paths and contents. */
const FILES: Readonly<Record<string, string>> = {
  'src/index.ts': `export * from './raw/socket'; export * from './interfaces';`,
  'src/interfaces.ts': `export { kernel } from './raw/kernel/open';`,
  'src/raw/socket.ts': `import { a } from '../channel/a'; import '../virtual/bus'; export const socket = a;`,
  'src/raw/kernel/open.ts': `export const kernel = 1;`,
  'src/virtual/bus.ts': `import '../raw/endpoint'; import '../raw/socket';`,
  'src/raw/endpoint.ts': `export interface Endpoint { fd: number }`,
  'src/channel/a.ts': `import { frame } from '../frame/frame'; export const a = frame;`,
  'src/channel/b.ts': `import type { Frame } from '../frame/frame'; export type B = Frame;`,
  'src/channel/c.ts': `type Frame = import('../frame/frame').Frame; export type C = Frame;`,
  'src/frame/frame.ts': `export interface Frame { id: number } export const frame: Frame = { id: 1 };`,
  'src/frame/call.ts': `import { load } from 'koffi'; export const lib = load(null);`,
  'src/libc/call.ts': `import { load } from 'koffi'; export const lib = load(null);`,
  'src/log/index.ts': `export const log = 1;`,
  'src/log/reader.ts': `import { log } from '.'; import type { Writer } from './writer'; export type Reader = Writer;`,
  'src/log/writer.ts': `import type { Reader } from './reader'; export type Writer = Reader;`,
  'src/errors.ts': `import './libc/call';`,
  'src/bcm/socket.ts': `import '../channel/a';`,
  'src/media/media.ts': `import '../../test/fake';`,
  'src/cli/main/bin.ts': `import './commands';`,
  'src/cli/main/commands.ts': `import '../commands/dump/command';`,
  'src/cli/receive/receive-frames.ts': `import '../commands/dump/command'; import '../../raw/socket';`,
  'src/cli/commands/dump/command.ts': `import './dump';`,
  'src/cli/commands/dump/dump.ts': `import '../../../index';`,
  'src/cli/commands/record/command.ts': `import '../dump/dump';`,
  'src/poller/thread.ts': `export {};`,
  'test/fake.ts': `export {};`,
  'examples/send.ts': `import '../src'; import '../src/raw/socket';`,
};

/** What dependency-cruiser reports for FILES: 'rule: file → file'. */
function cruise(): { status: number | null; reports: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'imports-'));
  try {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const options = ['--config', CONFIG, '--output-type', 'err', '--no-progress'];
    const done = spawnSync(process.execPath, [CRUISE, ...options, 'src', 'examples'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const lines = done.stdout.replaceAll(/→ \n +/g, '→ ').replaceAll(/ →\n +/g, ' → ');
    return { status: done.status, reports: [...lines.matchAll(/error (.*)/g)].map(([, report = '']) => report) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('The import rules', () => {
  let status: number | null;
  let reports: string[];

  before(() => {
    ({ status, reports } = cruise());
  });

  it('make the check fail', () => {
    expect(status).to.be.greaterThan(0);
  });

  for (const [title, report] of [
    ['forbid an import from frame in channel', 'imports-of-channel: src/channel/a.ts → src/frame/frame.ts'],
    ['forbid a type-only import from frame in channel', 'imports-of-channel: src/channel/b.ts → src/frame/frame.ts'],
    ['forbid an inline type import from frame in channel', 'imports-of-channel: src/channel/c.ts → src/frame/frame.ts'],
    ['forbid cycles of type-only imports', 'no-cycles: src/log/reader.ts → src/log/writer.ts → src/log/reader.ts'],
    ['forbid an import of virtual in raw', 'imports-of-raw: src/raw/socket.ts → src/virtual/bus.ts'],
    ['forbid an import of a socket in virtual', 'imports-of-virtual: src/virtual/bus.ts → src/raw/socket.ts'],
    ['forbid an import of a room in a leaf', 'imports-of-leaves: src/errors.ts → src/libc/call.ts'],
    ['forbid a folder outside the table', 'new-room: src/bcm/socket.ts → src/channel/a.ts'],
    ['forbid folder indexes', 'no-folder-index: src/log/reader.ts → src/log/index.ts'],
    ['forbid files that no program needs', 'no-unused-file: src/log/writer.ts'],
    ['forbid koffi outside libc', 'koffi-in-libc: src/frame/call.ts → koffi'],
    ['forbid imports from tests in src', 'src-only: src/media/media.ts → test/fake.ts'],
    ['forbid private names in examples', 'examples-use-the-package: examples/send.ts → src/raw/socket.ts'],
    [
      'forbid private names in the command line',
      'imports-of-cli: src/cli/receive/receive-frames.ts → src/raw/socket.ts',
    ],
    [
      'forbid an import of a command outside the table of commands',
      'commands-in-one-table: src/cli/receive/receive-frames.ts → src/cli/commands/dump/command.ts',
    ],
    [
      'forbid an import of another command',
      'commands-apart: src/cli/commands/record/command.ts → src/cli/commands/dump/dump.ts',
    ],
  ] as const) {
    it(title, () => {
      expect(reports).to.include(report);
    });
  }

  it('allow the contract of a bus in virtual, the kernel in interfaces, and commands in their table', () => {
    const allowed = [
      'src/raw/endpoint.ts',
      'src/raw/kernel/open.ts',
      'src/cli/main/commands.ts',
      'examples/send.ts → src/index.ts',
    ];
    for (const path of allowed) expect(reports.filter((report) => report.endsWith(path))).to.deep.equal([]);
    expect(reports.filter((report) => /^koffi-in-libc: src\/libc/.test(report))).to.deep.equal([]);
  });

  it('are those that docs/architecture.md shows', () => {
    const [, table = ''] = read('docs/architecture.md').split('## Imports');
    const shown = [...table.matchAll(/^(\S+) +─▶ (.+)$/gm)].map(([, room, imports]) => `${room} ─▶ ${imports}`);
    const rules = forbidden.filter(({ comment }) => comment.includes(' ─▶ '));
    expect(shown).to.deep.equal(rules.map(({ comment }) => comment.split('. ')[0]));
  });
});

for (const page of ['docs/architecture.md', 'CONTRIBUTING.md']) {
  describe(page, () => {
    it('names only files that exist, new ones apart', () => {
      const paths = [...read(page).matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|mjs|sh|md))`/g)];
      const names = paths.map(([, name = '']) => name).filter((name) => !/NAME|xl-frame/.test(name));
      const exists = (name: string): boolean =>
        ['', 'src', 'test'].some((folder) => existsSync(join(ROOT, folder, name)));
      expect(names.filter((name) => !exists(name))).to.deep.equal([]);
    });
  });
}
