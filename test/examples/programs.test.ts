import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLogLine } from '../../src';
import { read, ROOT } from '../support/docs/docs';
import { runExample } from '../support/processes/example';

const WAY = /^virtual:\w+ -> virtual:\w+: (\d+) received, (\d+) forwarded, (\d+) expired, (\d+) refused, 0 dropped$/gm;

/** What the examples print on buses of their own. */
const PROGRAMS: Readonly<Record<string, RegExp>> = {
  demo: /The accounts:\n {2}sent +classic 11, FD 1\n {2}received +classic 0, FD 5\n/,
  receive: /T.*Z virtual:receive 100#[0-9A-F]{2}\n[^]*\d+ frames received, 0 lost\n$/,
  send: /^\d+ of 200 frames sent within 50 ms, \d+ given up\n1 more, and it has come back: 'bus'\n$/,
  request: /^7DF#020100 -> 7E8#020100\n7D0#020100 -> ABORT_ERR: no answer\n$/,
  periodic: /^\d+ sent, \d+ expired, \d+ skipped, one every 10 ms\n$/,
  errors: /^virtual:errors \d+\.\d{3} error: protocol \(form, at ack\), bus-error, counters \(tx 8, rx 0\)\n/,
  'two-processes': /^process \d+ asked: 601#01\nprocess (\d+) answered: 581#[0-9A-F]{8}\n$/,
};

describe('The example', () => {
  for (const [name, printed] of Object.entries(PROGRAMS)) {
    it(`${name} prints what it promises on a bus of its own, and ends`, async () => {
      const { status, output } = await runExample(name);
      expect(output).to.match(printed);
      expect(status).to.equal(0);
    });
  }

  it('send accounts for every frame', async () => {
    const { output } = await runExample('send');
    const [, sent, expired] = /^(\d+) of 200 .*, (\d+) given up$/m.exec(output) ?? [];
    expect(Number(sent) + Number(expired)).to.equal(200);
    // 200 frames of 8 bytes take 190 ms at 125 kbit/s; the deadline is 50 ms.
    expect(Number(expired)).to.be.above(0);
  });

  it('gateway forwards frames both ways and accounts for every frame', async () => {
    const { status, output } = await runExample('gateway');
    const ways = [...output.matchAll(WAY)].map((counts) => counts.slice(1).map(Number));
    expect(ways, output).to.have.lengthOf(2);
    for (const [received = 0, forwarded = 0, expired = 0, refused = 0] of ways) {
      expect(forwarded, output).to.be.above(0);
      expect(forwarded + expired + refused, output).to.equal(received);
    }
    expect(status).to.equal(0);
  });

  it('log writes a candump log of data and error frames that ends with its counts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'socketcan-log-'));
    try {
      const path = join(folder, 'can.log');
      const { status, output } = await runExample('log', 'virtual:log', path);
      expect({ status, output }).to.deep.equal({ status: 0, output: `written: ${path}\n` });
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      const last = lines.pop();
      expect(last).to.equal(`# ${lines.length} frames received, 0 lost in the kernel, 0 discarded`);
      const frames = lines.map((line) => String(parseLogLine(line)?.frame));
      expect(frames.filter((text) => text.startsWith('100#'))).not.to.have.length(0);
      expect(frames.filter((text) => text.startsWith('error: '))).not.to.have.length(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('receive fails with a reason on an unknown interface', async () => {
    const { status, output } = await runExample('receive', 'nocan7');
    expect(output).to.match(/^(ENODEV|EAFNOSUPPORT): .*nocan7/);
    expect(status).to.equal(1);
  });
});

describe('The index of the examples', () => {
  const names = readdirSync(join(ROOT, 'examples'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -'.ts'.length));

  it('lists every example', () => {
    const rows = [...read('examples/README.md').matchAll(/^\| \[([\w-]+)\]\(([\w.-]+)\)/gm)];
    expect(rows.map(([, name]) => name)).to.have.members(names);
    for (const [, name = '', file = ''] of rows) {
      expect(file).to.equal(`${name}.ts`);
      expect(existsSync(join(ROOT, 'examples', file)), file).to.equal(true);
    }
  });

  it('agrees with the command that each example names', () => {
    for (const name of names) {
      const command = name === 'demo' ? 'npm run demo' : `npm run example ${name}`;
      expect(read(`examples/${name}.ts`), name).to.contain(` *   ${command}`);
    }
  });
});
