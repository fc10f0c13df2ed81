import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualBus } from '../../../src';
import { CommandClock } from '../../support/fakes/command-clock';
import { CLI, cli } from '../../support/processes/cli';
import { until } from '../../support/waiting/until';

describe('socketcan play', () => {
  const bus = VirtualBus.get('play');
  const name = bus.interfaceName;
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'socketcan-play-'));
  });

  afterEach(() => {
    bus.reset();
    rmSync(folder, { recursive: true });
  });

  function log(...lines: string[]): string {
    const path = join(folder, 'a.log');
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  }

  interface Played {
    readonly texts: string[];
    /** When each frame passed the bus, in ms from the start of the command. */
    readonly times: number[];
    readonly code: number | null;
    readonly stderr: string;
  }

  /** Runs the command on a fake clock. */
  async function played(...argv: string[]): Promise<Played> {
    const clock = new CommandClock(bus);
    bus.startRecording();
    const { code, stderr } = await clock.drive(new CLI({ clock }).run('play', ...argv));
    const seen = bus.stopRecording();
    const times = seen.map(({ timeNs }) => Number(timeNs) / 1e6);
    bus.reset();
    return { code, stderr, times, texts: seen.map(({ frame }) => String(frame)) };
  }

  const THREE = [
    `(1000.000000) ${name} 001#11`,
    `(1000.050000) ${name} 002##122 R`,
    `(1000.100000) ${name} 00000003#R2 T`,
  ];
  const TEXTS = ['001#11', '002##122', '00000003#R2'];

  it('sends the frames of a log with the times between them', async () => {
    const { code, texts, times, stderr } = await played(log('# a comment', ...THREE));
    expect(code).to.equal(0);
    expect(texts).to.deep.equal(TEXTS);
    expect(times).to.deep.equal([0, 50, 100]);
    expect(stderr).to.match(
      /^socketcan play .*a\.log: offered 3 frames: sent 3, expired 0, refused 0; 0\.100 s, 30 frames\/s\n$/,
    );
  });

  for (const [what, options, expected] of [
    ['faster by --speed', ['--speed', '10'], [0, 5, 10, 100_000]],
    ['at the gap of --gap', ['--gap', '20'], [0, 20, 40, 60]],
    ['without waiting by -t', ['-t'], [0, 0, 0, 0]],
    ['without long silences by --skip', ['--skip', '60ms'], [0, 50, 100, 160]],
  ] as const) {
    it(`plays ${what}`, async () => {
      const path = log(...THREE, `(2000.000000) ${name} 004#`);
      const { times, texts } = await played(...options, path);
      expect(texts).to.deep.equal([...TEXTS, '004#']);
      for (const [index, ms] of times.entries()) {
        expect(ms).to.be.closeTo(expected[index] ?? NaN, 0.5);
      }
    });
  }

  it('sends a frame at once if its time is before that of an earlier frame', async () => {
    const path = log(`(5.000000) ${name} 001#`, `(1.000000) ${name} 002#`, `(5.010000) ${name} 003#`);
    const { texts, times } = await played(path);
    expect(texts).to.deep.equal(['001#', '002#', '003#']);
    expect(times).to.deep.equal([0, 0, 10]);
  });

  it('sends no frame before its time on the clock of the machine', async () => {
    const startNs = process.hrtime.bigint();
    bus.startRecording();
    expect((await cli('play', log(...THREE))).code).to.equal(0);
    const afterMs = bus.stopRecording().map(({ timeNs }) => Number(timeNs - startNs) / 1e6);
    expect(afterMs).to.have.lengthOf(3);
    for (const [index, ms] of afterMs.entries()) expect(ms).to.be.at.least(50 * index - 0.5);
  });

  it('repeats a log as often as --loop says', async () => {
    const { texts } = await played('-t', '--loop', '3', log(...THREE));
    expect(texts).to.deep.equal([...TEXTS, ...TEXTS, ...TEXTS]);
  });

  it('repeats a log without end until SIGINT, which ends it with exit code 0', async () => {
    bus.startRecording();
    const run = new CLI();
    const running = run.run('play', '-t', '--loop', 'i', log(...THREE));
    await until(() => bus.recorded.length > 30, 'it plays');
    run.terminal.interrupt('SIGINT');
    const { code, stderr } = await running;
    expect(code).to.equal(0);
    const sent = Number(/offered (\d+) frames: sent \1,/.exec(stderr)?.[1]);
    expect(bus.stopRecording()).to.have.lengthOf(sent);
  });

  it('sends on the assigned interfaces, and skips frames of the others', async () => {
    const path = log('(1.000000) can7 001#', '(1.000000) can8 002#', '(1.000000) can7 003#');
    const { texts, stderr } = await played(path, `${name}=can7`);
    expect(texts).to.deep.equal(['001#', '003#']);
    expect(stderr).to.include('skipped 1 frame of other interfaces');
    const both = await played(path, `${name}=can7`, 'virtual:play-b=can7', `${name}=can8`);
    expect(both.texts).to.deep.equal(['001#', '002#', '003#']);
    expect(both.stderr).to.include('sent 5,');
  });

  it('skips error frames, and reports their number', async () => {
    const { texts, stderr } = await played(log(`(1.000000) ${name} 20000040#`, ...THREE), '-t');
    expect(texts).to.deep.equal(TEXTS);
    expect(stderr).to.include('skipped 1 frame: error frames');
  });

  it('reads a log from stdin in pieces', async () => {
    const run = new CLI();
    bus.startRecording();
    const running = run.run('play', '-t', '-');
    run.stdin.write(`${THREE[0] ?? ''}\n(1001.0`);
    run.stdin.end(`00000) ${name} 005#\n`);
    expect((await running).code).to.equal(0);
    expect(bus.stopRecording().map(({ frame }) => String(frame))).to.deep.equal(['001#11', '005#']);
  });

  it('sends a frame from stdin without waiting for the next one', async () => {
    const run = new CLI();
    bus.startRecording();
    const running = run.run('play', '-');
    run.stdin.write(`${THREE[0] ?? ''}\n`);
    await until(() => bus.recorded.length === 1, 'the frame passes the bus');
    run.stdin.end();
    expect((await running).code).to.equal(0);
  });

  it('stops at a bad line with its number, or skips it with --skip-bad', async () => {
    const path = log(THREE[0] ?? '', '(nonsense', THREE[1] ?? '');
    const { code, stderr, texts } = await played('-t', path);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^socketcan play: .*a\.log: Line 2 of the log: "\(nonsense" is not/m);
    expect(texts).to.deep.equal(['001#11']);
    const skipping = await played('-t', '--skip-bad', path);
    expect(skipping.code).to.equal(0);
    expect(skipping.texts).to.deep.equal(TEXTS.slice(0, 2));
    expect(skipping.stderr).to.include('skipped 1 bad line');
  });

  it('fails without the file, without the interface, and for an endless loop without frames', async () => {
    const missing = await cli('play', join(folder, 'none.log'));
    expect(missing.code).to.equal(1);
    expect(missing.stderr).to.match(/none\.log: ENOENT: no such file/);
    const absent = await cli('play', '-t', log('(1.000000) nocan0 123#'));
    expect(absent.code).to.equal(1);
    expect(absent.stderr).to.include("'nocan0'");
    const empty = await cli('play', '--loop', 'i', log('# nothing'));
    expect(empty.code).to.equal(1);
    expect(empty.stderr).to.include('no frames to play without end');
  });

  it('ends with exit code 130 and a summary when SIGINT comes before the end of the log', async () => {
    bus.startRecording();
    const run = new CLI();
    const running = run.run('play', log(THREE[0] ?? '', `(9999.000000) ${name} 002#`));
    await until(() => bus.recorded.length === 1, 'the first frame passes the bus');
    run.terminal.interrupt('SIGINT');
    const { code, stderr } = await running;
    expect(code).to.equal(130);
    expect(stderr).to.include('offered 1 frame: sent 1, expired 0, refused 0');
  });

  it('shows its progress by the bytes of the file, and prints its summary as JSON', async () => {
    const clock = new CommandClock(bus);
    const run = new CLI({ isTTY: true, clock });
    const { stderr } = await clock.drive(run.run('play', log(...THREE)));
    const shown = stderr.split('\r\u001b[K').slice(1);
    const full = `[${'#'.repeat(30)}] 100 %`;
    expect(shown.slice(0, 2)).to.deep.equal([`${full} 0 frames, 0/s`, `${full} 2 frames, 20/s`]);
    expect(shown[2]).to.match(/^socketcan play /);
    bus.reset();
    const { stdout } = await cli('play', '-t', '--json', log(...THREE));
    expect(JSON.parse(stdout)).to.include({
      ...{ event: 'account', offered: 3, sent: 3, bad: 0, errorFrames: 0, unassigned: 0 },
    });
  });

  it('plays every frame of a long log in order', async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `(1000.${String(i).padStart(6, '0')}) ${name} ${i.toString(16).padStart(8, '0')}#`,
    );
    const { texts } = await played(log(...lines));
    expect(texts).to.have.lengthOf(20_000);
    expect(texts.every((text, i) => Number.parseInt(text, 16) === i)).to.equal(true);
  });
});
