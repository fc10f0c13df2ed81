import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VirtualBus } from '../../src';
import { CLI, cli } from '../support/processes/cli';

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

  /** Frames that pass the bus, with their times since the first in ms. */
  async function played(
    ...argv: string[]
  ): Promise<{ texts: string[]; times: number[]; code: number | null; stderr: string }> {
    bus.startRecording();
    const { code, stderr } = await cli('play', ...argv);
    const seen = bus.stopRecording();
    const first = seen[0]?.timeNs ?? 0n;
    const times = seen.map(({ timeNs }) => Number(timeNs - first) / 1e6);
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
    // The first frame may have been late itself.
    expect(times[1]).to.be.at.least(40);
    expect(times[2]).to.be.at.least(90);
    expect(stderr).to.match(
      /^socketcan play .*a\.log: offered 3 frames: sent 3, expired 0, refused 0;/,
    );
  });

  it('goes faster, at a gap of its own, without waiting, or without long silences', async () => {
    const path = log(...THREE, `(2000.000000) ${name} 004#`);
    const of = async (...options: string[]): Promise<number[]> => {
      const { times, texts } = await played(...options, path);
      expect(texts).to.deep.equal([...TEXTS, '004#']);
      return times;
    };
    expect((await of('--speed', '10000'))[3]).to.be.at.least(90);
    const gaps = await of('--gap', '20');
    for (const [index, time] of gaps.entries()) expect(time).to.be.at.least(20 * index - 10);
    expect((await of('-t'))[3]).to.be.below(50);
    const skipped = await of('--skip', '60ms');
    expect(skipped[2]).to.be.at.least(90);
    expect(skipped[3]).to.be.at.least(150);
  });

  it('sends at once what goes back in time', async () => {
    const path = log(
      `(5.000000) ${name} 001#`,
      `(1.000000) ${name} 002#`,
      `(5.010000) ${name} 003#`,
    );
    const { texts, times } = await played(path);
    expect(texts).to.deep.equal(['001#', '002#', '003#']);
    expect(times[2]).to.be.at.least(5);
  });

  it('repeats a log', async () => {
    const { texts } = await played('-t', '--loop', '3', log(...THREE));
    expect(texts).to.deep.equal([...TEXTS, ...TEXTS, ...TEXTS]);
    const run = new CLI();
    const running = run.run('play', '-t', '--loop', 'i', log(...THREE));
    setTimeout(() => {
      run.terminal.interrupt('SIGINT');
    }, 50);
    const { code, stderr } = await running;
    expect(code).to.equal(0);
    expect(stderr).to.match(/offered (\d+) frames: sent \1,/);
  });

  it('sends to other interfaces, one or several, and leaves out what is not assigned', async () => {
    const path = log('(1.000000) can7 001#', '(1.000000) can8 002#', '(1.000000) can7 003#');
    const { texts, stderr } = await played(path, `${name}=can7`);
    expect(texts).to.deep.equal(['001#', '003#']);
    expect(stderr).to.include('1 frame of other interfaces left out');
    const both = await played(path, `${name}=can7`, 'virtual:play-b=can7', `${name}=can8`);
    expect(both.texts).to.deep.equal(['001#', '002#', '003#']);
    expect(both.stderr).to.include('sent 5,');
  });

  it('does not send error frames, and says so', async () => {
    const { texts, stderr } = await played(log(`(1.000000) ${name} 20000040#`, ...THREE), '-t');
    expect(texts).to.deep.equal(TEXTS);
    expect(stderr).to.include('1 frame not sent: error frames');
  });

  it('reads a log from stdin while it comes', async () => {
    const run = new CLI();
    bus.startRecording();
    const running = run.run('play', '-t', '-');
    run.stdin.write(`${THREE[0] ?? ''}\n(1001.0`);
    run.stdin.end(`00000) ${name} 005#\n`);
    expect((await running).code).to.equal(0);
    expect(bus.stopRecording().map(({ frame }) => String(frame))).to.deep.equal(['001#11', '005#']);
  });

  it('sends what comes on stdin before more comes', async () => {
    const run = new CLI();
    bus.startRecording();
    const running = run.run('play', '-');
    run.stdin.write(`${THREE[0] ?? ''}\n`);
    while (bus.recorded.length < 1) await sleep(5);
    run.stdin.end();
    expect((await running).code).to.equal(0);
  });

  it('stops at a bad line with its number, or passes over it', async () => {
    const path = log(THREE[0] ?? '', '(nonsense', THREE[1] ?? '');
    const { code, stderr, texts } = await played('-t', path);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^socketcan play: .*a\.log: Line 2 of the log: "\(nonsense" is not/m);
    expect(texts).to.deep.equal(['001#11']);
    const skipping = await played('-t', '--skip-bad', path);
    expect(skipping.code).to.equal(0);
    expect(skipping.texts).to.deep.equal(TEXTS.slice(0, 2));
    expect(skipping.stderr).to.include('1 bad line passed over');
  });

  it('says when there is no such file or interface, and when a log without frames is to be repeated', async () => {
    const none = await cli('play', join(folder, 'none.log'));
    expect(none.code).to.equal(1);
    expect(none.stderr).to.match(/none\.log: ENOENT: there is no such file/);
    const absent = await cli('play', '-t', log('(1.000000) nocan0 123#'));
    expect(absent.code).to.equal(1);
    expect(absent.stderr).to.include("'nocan0'");
    const empty = await cli('play', '--loop', 'i', log('# nothing'));
    expect(empty.code).to.equal(1);
    expect(empty.stderr).to.include('no frames to play without end');
  });

  it('ends with 130 when it is interrupted, with the account of what was sent', async () => {
    const run = new CLI();
    const running = run.run('play', log(THREE[0] ?? '', `(9999.000000) ${name} 002#`));
    setTimeout(() => {
      run.terminal.interrupt('SIGINT');
    }, 50);
    const { code, stderr } = await running;
    expect(code).to.equal(130);
    expect(stderr).to.include('offered 1 frame: sent 1, expired 0, refused 0');
  });

  it('tells its progress by the bytes of the file, and gives its account as JSON', async () => {
    const run = new CLI({ isTTY: true });
    const { stderr } = await run.run('play', log(...THREE));
    expect(stderr).to.match(/\r\u001b\[K\[#+\] \d+ % \d+ frames?, /);
    const { stdout } = await cli('play', '-t', '--json', log(...THREE));
    expect(JSON.parse(stdout)).to.include({
      ...{ event: 'account', offered: 3, sent: 3, bad: 0, errorFrames: 0, unassigned: 0 },
    });
  });

  it('plays a long log, in order, to the frame', async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `(1000.${String(i).padStart(6, '0')}) ${name} ${i.toString(16).padStart(8, '0')}#`,
    );
    const { texts } = await played(log(...lines));
    expect(texts).to.have.lengthOf(20_000);
    expect(texts.every((text, i) => Number.parseInt(text, 16) === i)).to.equal(true);
  });
});
