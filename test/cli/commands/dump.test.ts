import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CANSocket, ErrorFrame, parseFrame, parseLogLine, VirtualBus, type Frame } from '../../../src';
import { keepThread } from '../../virtual/probe';
import { FakeClock, MS } from '../../support/fakes/clock';
import { CLI } from '../../support/processes/cli';
import { until } from '../../support/waiting/until';

let number = 0;

/** A dump of a new bus, and a socket that sends on it. */
class Dumping {
  readonly bus = VirtualBus.get(`dump${++number}`);
  readonly name = this.bus.interfaceName;
  readonly cli: CLI;
  readonly #sender: CANSocket;
  readonly #running: ReturnType<CLI['run']>;

  constructor(options: readonly string[] = [], selection = '', cli = new CLI()) {
    this.cli = cli;
    this.#sender = new CANSocket(this.name);
    this.#running = cli.run('dump', ...options, `${this.name}${selection}`);
  }

  async send(...frames: (string | Frame)[]): Promise<void> {
    const all = frames.map((each) => (typeof each === 'string' ? parseFrame(each) : each));
    await this.#sender.send(all, { timeoutMs: 10_000 });
  }

  /** Interrupts the command by SIGINT and returns its outcome. */
  async end(): ReturnType<CLI['run']> {
    this.cli.terminal.interrupt('SIGINT');
    return this.ended();
  }

  async ended(): ReturnType<CLI['run']> {
    const outcome = await this.#running;
    await this.#sender.close();
    return outcome;
  }

  /** The lines without the name and the space before it. */
  async lines(): Promise<string[]> {
    const { stdout } = await this.end();
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.replace(`  ${this.name}  `, ''));
  }
}

describe('socketcan dump', () => {
  keepThread();

  it('prints in columns every frame that was sent before SIGINT, and a summary', async () => {
    const dumping = new Dumping();
    const frames = ['123#DEADBEEF', '7FF#', '123#R4', '1BADC0FE##1AABB', '123#00'];
    await dumping.send(...frames);
    const { code, stdout, stderr } = await dumping.end();
    expect(code).to.equal(0);
    expect(stdout).to.equal(
      [
        `  ${dumping.name}  123   [4]  DE AD BE EF\n`,
        `  ${dumping.name}  7FF   [0] \n`,
        `  ${dumping.name}  123   [4]  remote request\n`,
        `  ${dumping.name}  1BADC0FE  [02]  AA BB\n`,
        `  ${dumping.name}       123   [1]  00\n`,
      ].join(''),
    );
    expect(stderr).to.equal(`${dumping.name}: received 5 frames, lost 0\n`);
  });

  it('prints 5,000 frames that were sent right before SIGINT', async () => {
    const dumping = new Dumping(['-L']);
    for (let i = 0; i < 20; i++) await dumping.send(...Array<string>(250).fill('123#11'));
    const { stdout, stderr } = await dumping.end();
    expect(stderr).to.include('received 5000 frames, lost 0');
    expect(stdout.split('\n')).to.have.lengthOf(5001);
  });

  it('ends after exactly the count', async () => {
    const counting = new Dumping(['-n', '3']);
    await counting.send('001#', '002#', '003#', '004#', '005#');
    const { code, stdout } = await counting.ended();
    expect(code).to.equal(0);
    expect(stdout.trimEnd().split('\n')).to.have.lengthOf(3);
  });

  it('ends when no frame has come for the timeout', async () => {
    const clock = new FakeClock();
    const idle = new Dumping(['-T', '50ms'], '', new CLI({ clock }));
    for (const text of ['001', '002']) {
      await clock.advance(49n * MS);
      await idle.send(`${text}#`);
      await until(() => idle.cli.stdout.includes(` ${text} `), 'the frame is printed');
    }
    expect(clock.waits).to.deep.equal([50n * MS]);
    await clock.advance(50n * MS);
    const { code, stderr } = await idle.ended();
    expect({ code, stderr }).to.deep.equal({
      ...{ code: 0, stderr: `${idle.name}: received 2 frames, lost 0\n` },
    });
  });

  it('accepts a timeout longer than a timer of Node.js', async () => {
    const clock = new FakeClock();
    const dumping = new Dumping(['-T', '1000h'], '', new CLI({ clock }));
    expect(clock.waits).to.have.lengthOf(1);
    expect((await dumping.end()).code).to.equal(0);
  });

  it('prints the frames that the filters pass', async () => {
    const of = async (selection: string, options: string[] = []): Promise<string[]> => {
      const dumping = new Dumping(options, selection);
      await dumping.send('123#', '124#', '00000123#', '123#R', new ErrorFrame(0x40, new Uint8Array(8)));
      const lines = await dumping.lines();
      return lines.map((line) =>
        line
          .trim()
          .split(/ +/)
          .slice(0, line.includes('remote') ? 3 : 1)
          .join(' '),
      );
    };
    expect(await of('')).to.deep.equal(['123', '124', '00000123', '123 [0] remote']);
    expect(await of(',123:7FF')).to.deep.equal(['123', '00000123', '123 [0] remote']);
    expect(await of(',123:C00007FF')).to.deep.equal(['123']);
    expect(await of(',00000123:9FFFFFFF')).to.deep.equal(['00000123']);
    expect(await of(',0x40000123:C00007FF')).to.deep.equal(['123 [0] remote']);
    expect(await of(',123~7FF')).to.deep.equal(['124']);
    expect(await of(',123~C00007FF,124~C00007FF,j')).to.deep.equal(['00000123', '123 [0] remote']);
    expect(await of(',0~0,#40')).to.deep.equal(['20000040']);
    expect(await of(',0~0', ['-e'])).to.deep.equal(['20000040', 'bus-off']);
  });

  it('writes a log that parseLog reads, to stdout and into a new file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'socketcan-dump-'));
    try {
      const file = join(folder, 'a.log');
      const dumping = new Dumping(['-L', '-x', '--decimals', '9', '-f', file]);
      await dumping.send('123#AA', new ErrorFrame(0x40, new Uint8Array(8)));
      dumping.bus.inject(parseFrame('124#'));
      const { stdout } = await dumping.end();
      const records = stdout.trimEnd().split('\n').map(parseLogLine);
      expect(records.map((each) => String(each?.frame))).to.deep.equal(['123#AA', '124#']);
      expect(records.map((each) => each?.direction)).to.deep.equal(['tx', 'rx']);
      expect(records[0]?.systemNs).to.not.equal(((records[0]?.systemNs ?? 0n) / 1000n) * 1000n);
      expect(readFileSync(file, 'utf8')).to.equal(stdout);
      const again = await new Dumping(['-f', file]).ended();
      expect(again.code).to.equal(1);
      expect(again.stderr).to.include(`${file}: EEXIST: the file exists`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('leaves no file when it cannot listen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'socketcan-dump-'));
    try {
      const file = join(folder, 'a.log');
      const { code } = await new CLI().run('dump', '-f', file, 'nocan0');
      expect(code).to.equal(1);
      expect(() => readFileSync(file)).to.throw('ENOENT');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('prints JSON with times as strings of ns, and the summary as the last line', async () => {
    const dumping = new Dumping(['--json']);
    await dumping.send('1BADC0FE##3AA', '123#R2', '123#');
    const { stdout } = await dumping.end();
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).to.have.lengthOf(4);
    expect(lines[0]).to.include({
      ...{ event: 'frame', interface: dumping.name, direction: 'tx', text: '1BADC0FE##3AA' },
      ...{
        kind: 'data',
        format: 29,
        identifier: 0x1badc0fe,
        data: 'aa',
        fd: true,
        brs: true,
        esi: true,
      },
    });
    expect(lines[0]?.['systemNs']).to.match(/^\d{19}$/);
    expect(lines[0]?.['monotonicNs']).to.match(/^\d+$/);
    expect(lines[1]).to.include({ kind: 'remote', length: 2 });
    expect(lines[2]).to.include({ kind: 'data', fd: false, data: '' });
    expect(lines[3]).to.include({ event: 'account', received: 3, lost: 0, unwritten: 0 });
  });

  it('prints error frames as JSON with the names of the library', async () => {
    const dumping = new Dumping(['--json', '-e']);
    await dumping.send(new ErrorFrame(0x204, Uint8Array.of(0, 0x20, 0, 0, 0, 0, 128, 7)));
    const [line = ''] = (await dumping.end()).stdout.split('\n');
    expect(JSON.parse(line)).to.deep.include({
      ...{ kind: 'error', classes: ['controller', 'counters'], controller: ['tx-passive'] },
      ...{ txErrors: 128, rxErrors: 7, classMask: 0x204, data: '0020000000008007' },
    });
  });

  it('colours interfaces and error frames on a terminal', async () => {
    const dumping = new Dumping(['-e'], '', new CLI({ isTTY: true }));
    await dumping.send('123#', new ErrorFrame(0x40, new Uint8Array(8)));
    const { stdout } = await dumping.end();
    expect(stdout).to.include(`\u001b[36m${dumping.name}\u001b[39m  123   [0] \n`);
    expect(stdout).to.include('\u001b[31m20000040   [8]  00');
  });

  it('reports that the link is down, up, gone and back, and continues', async () => {
    const dumping = new Dumping();
    const { bus } = dumping;
    const changes = { down: 'is down', up: 'is up', remove: 'is gone', add: 'is back' } as const;
    for (const [change, text] of Object.entries(changes)) {
      bus[change as keyof typeof changes]();
      const line = `socketcan dump: ${dumping.name} ${text}`;
      await until(() => dumping.cli.stderr.includes(line), line);
    }
    const ups = (): number => dumping.cli.stderr.split(`${dumping.name} is up\n`).length - 1;
    await until(() => ups() === 2, "'up' follows 'back'");
    bus.inject(parseFrame('123#'));
    expect((await dumping.end()).stdout).to.include(' 123 ');
  });

  it('keeps at most 16 MB for a reader that has stalled, and counts the frames that it drops', async () => {
    const dumping = new Dumping(['-L', '-r', String(2 ** 26)]);
    dumping.cli.stall();
    const frame = `123##0${'FF'.repeat(64)}`;
    const count = 110_000; // 19 MB of text.
    for (let i = 0; i < count / 250; i++) await dumping.send(...Array<string>(250).fill(frame));
    dumping.cli.terminal.interrupt('SIGINT');
    await until(() => dumping.cli.stderr.includes(': received '), 'the summary');
    expect(dumping.cli.terminal.stdout.pending).to.be.below(18 * 2 ** 20);
    dumping.cli.resume();
    const { stdout, stderr } = await dumping.ended();
    const written = stdout.split('\n').length - 1;
    const unwritten = Number(/(\d+) frames not written/.exec(stderr)?.[1]);
    const [, received, lost] = /received (\d+) frames, lost (\d+)/.exec(stderr) ?? [];
    expect(unwritten).to.be.above(0);
    expect(Number(received) + Number(lost)).to.equal(count);
    expect(written + unwritten).to.equal(Number(received));
  });

  it('ends silently with exit code 0 when the reader of stdout goes away', async () => {
    const dumping = new Dumping();
    await dumping.send('123#');
    await until(() => dumping.cli.stdout.includes(' 123 '), 'the frame is printed');
    dumping.cli.breakPipe();
    const { code, stderr } = await dumping.ended();
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  });
});

describe('socketcan dump of several interfaces', () => {
  it('prints frames that arrived before the receiver started in the order of their times', async () => {
    const cli = new CLI();
    const [a, b] = [new CANSocket('virtual:order-a'), new CANSocket('virtual:order-b')];
    const running = cli.run('dump', '-L', 'virtual:order-a', 'virtual:order-b');
    const expected: string[] = [];
    // More frames of the first than one batch, before and after the frame of the second.
    for (let i = 0; i < 1500; i++) {
      const text = `${i.toString(16).toUpperCase().padStart(3, '0')}#`;
      const sender = i === 700 || i > 1400 ? b : a;
      expected.push(`${sender.interfaceName} ${text}`);
      await sender.send(parseFrame(text));
    }
    cli.terminal.interrupt('SIGINT');
    const { stdout, stderr } = await running;
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(line.indexOf(' ') + 1))).to.deep.equal(expected);
    expect(stderr).to.include('order-a: received 1400').and.to.include('order-b: received 100');
    await Promise.all([a.close(), b.close()]);
  });

  it('ends after the count with the oldest frames', async () => {
    const cli = new CLI();
    const [a, b] = [new CANSocket('virtual:count-a'), new CANSocket('virtual:count-b')];
    const running = cli.run('dump', '-L', '-n', '3', 'virtual:count-a', 'virtual:count-b');
    for (const [sender, text] of [
      ...([
        [b, '001#'],
        [a, '002#'],
        [b, '003#'],
        [a, '004#'],
        [b, '005#'],
      ] as const),
    ]) {
      await sender.send(parseFrame(text));
    }
    const { stdout, stderr } = await running;
    const texts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[2]);
    expect(texts).to.deep.equal(['001#', '002#', '003#']);
    expect(stderr).to.include('count-a: received 1 frame,').and.to.include('count-b: received 2');
    await Promise.all([a.close(), b.close()]);
  });
});
