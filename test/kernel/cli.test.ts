import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANSocket, ErrorFrame, parseFrame, type Frame } from '../../src';
import { cli, outcomeOf, startCLI } from '../support/cli';
import { canutil, receivers, until } from '../support/guest';

const FRAMES = 50_000;

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketcan-cli-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const inFolder = (name: string): string => join(folder, name);

/** A program that listens on an interface, started when the kernel lists its socket. */
async function listening(
  interfaceName: string,
  start: () => ChildProcess,
  sockets = 1,
): Promise<ChildProcess> {
  const before = receivers(interfaceName);
  const child = start();
  await until(() => receivers(interfaceName) >= before + sockets, 'it listens');
  return child;
}

/** candump into a file; with a receive buffer in which nothing is lost. */
function candumpTo(file: string, ...args: string[]): Promise<ChildProcess> {
  const interfaceName = (args.at(-1) ?? '').split(',')[0] ?? '';
  return listening(interfaceName, () =>
    spawn('sh', ['-c', `exec candump -r 67108864 "$@" > ${file}`, 'sh', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
}

async function interrupt(child: ChildProcess): Promise<void> {
  child.kill('SIGINT');
  if (child.exitCode === null) await once(child, 'close');
}

async function linesIn(file: string, count: number): Promise<string[]> {
  const text = (): string => readFileSync(file, 'utf8');
  await until(() => text().split('\n').length > count, `${file} has ${count} lines`, 60_000);
  return text().trimEnd().split('\n');
}

/** The frames of a log. Newer kernels set the flag FDF (4) of CAN FD frames, which we do not write. */
function framesOf(lines: readonly string[]): string[] {
  return lines.map((line) =>
    (line.split(' ').at(-1) ?? '').replace(/##([4-7])/, (_, flags) => `##${Number(flags) - 4}`),
  );
}

describe('socketcan and can-utils', () => {
  it('logs 50,000 frames of cangen, which canplayer replays and candump sees', async function () {
    this.timeout(180_000);
    const log = inFolder('ours.log');
    const dump = await listening('vcan0', () =>
      startCLI(
        ['dump', '-f', log, '-r', '67108864', '-T', '5000', 'vcan0'],
        ['ignore', 'ignore', 'pipe'],
      ),
    );
    const ended = outcomeOf(dump);
    const seen = await candumpTo(inFolder('direct.log'), '-L', 'vcan0');
    await canutil('cangen', 'vcan0', '-g', '0', '-n', String(FRAMES), '-m', '-i');
    const direct = await linesIn(inFolder('direct.log'), FRAMES);
    await interrupt(seen);
    const { code, stderr } = await ended;
    expect(stderr).to.include(`vcan0: received ${FRAMES} frames, lost 0`);
    expect(code).to.equal(0);
    const ours = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(framesOf(ours)).to.deep.equal(framesOf(direct));

    const again = await candumpTo(inFolder('again.log'), '-L', 'vcan1');
    await canutil('canplayer', '-t', '-I', log, 'vcan1=vcan0');
    const replayed = await linesIn(inFolder('again.log'), FRAMES);
    await interrupt(again);
    expect(framesOf(replayed)).to.deep.equal(framesOf(ours));
  });

  it('generates 50,000 frames and plays the log of candump, and candump sees them', async function () {
    this.timeout(180_000);
    const seen = await candumpTo(inFolder('theirs.log'), '-L', 'vcan0');
    const gen = await cli('gen', 'vcan0', '-n', String(FRAMES), '-m', '--fd', '--seed', '7');
    expect(gen.stderr).to.include(`sent ${FRAMES}, expired 0, refused 0`);
    expect(gen.code).to.equal(0);
    const theirs = await linesIn(inFolder('theirs.log'), FRAMES);
    await interrupt(seen);
    expect(theirs).to.have.lengthOf(FRAMES);

    const again = await candumpTo(inFolder('again.log'), '-L', 'vcan1');
    const play = await cli('play', '-t', inFolder('theirs.log'), 'vcan1=vcan0');
    expect(play.stderr).to.include(`sent ${FRAMES}, expired 0, refused 0`);
    expect(play.code).to.equal(0);
    const replayed = await linesIn(inFolder('again.log'), FRAMES);
    await interrupt(again);
    expect(framesOf(replayed)).to.deep.equal(framesOf(theirs));
  });

  const KINDS: readonly (readonly [string, readonly string[]])[] = [
    ['by default', []],
    ['with absolute times', ['-t', 'a']],
    ['with dates', ['-t', 'A']],
    ['with time differences', ['-t', 'd']],
    ['with times from zero', ['-t', 'z']],
    ['with direction and flags', ['-x']],
    ['with characters', ['-a']],
    ['with error frames in words', ['-e']],
    ['as a log', ['-L']],
  ];
  for (const [what, options] of KINDS) {
    it(`prints byte for byte what candump prints, ${what}`, async () => {
      const selection = ['vcan0,0:0,#1FFFFFFF', 'vcan1'];
      const theirs = await candumpTo(inFolder('theirs.txt'), ...options, ...selection);
      const ours = await listening('vcan1', () =>
        startCLI(['dump', ...options, '-T', '1000', ...selection], ['ignore', 'pipe', 'pipe']),
      );
      const ended = outcomeOf(ours);
      await sendAll('vcan0', FIRST);
      await sleep(100);
      await sendAll('vcan1', [parseFrame('123#11')]);
      await sleep(100);
      await sendAll('vcan0', SECOND);
      const { stdout } = await ended;
      await interrupt(theirs);
      const expected = readFileSync(inFolder('theirs.txt'), 'utf8');
      expect(stdout).to.equal(options.includes('-L') ? withoutFDF(expected) : expected);
    });
  }
});

function withoutFDF(log: string): string {
  return log.replace(/##([4-7])/g, (_, flags: string) => `##${Number(flags) - 4}`);
}

async function sendAll(interfaceName: string, frames: readonly Frame[]): Promise<void> {
  const socket = new CANSocket(interfaceName);
  await socket.send(frames);
  await socket.close();
}

/** An error frame of these classes, with data[1], data[2] and data[3], and the counters. */
function error(classMask: number, ...data: number[]): ErrorFrame {
  return new ErrorFrame(classMask, Uint8Array.from([...data, 0, 0, 0, 0, 0, 0, 0, 0].slice(0, 8)));
}

const FIRST: readonly Frame[] = [
  ...['123#', '7FF#00', '000#DEADBEEF', '123#1122334455667788', '123#R', '456#R8'].map(parseFrame),
  ...['123##0', '123##1AA', '123##21122334455667788', `7FF##3${'41'.repeat(12)}`].map(parseFrame),
];
const SECOND: readonly Frame[] = [
  ...['1BADC0FE#414243FF', '00000001#R3', '123#4142', `12345678##1${'FF'.repeat(64)}`].map(
    parseFrame,
  ),
  error(0x002, 7),
  ...Array.from({ length: 8 }, (_, bit) => error(0x004, 0, 1 << bit)),
  error(0x004, 0, 0xff),
  ...Array.from({ length: 8 }, (_, bit) => error(0x008, 0, 0, 1 << bit)),
  ...Array.from({ length: 40 }, (_, place) => error(0x008, 0, 0, 3, place)),
  error(0x1ff, 1, 2, 3, 4, 5, 6, 7, 8),
  error(0x040),
  error(0x020, 0, 0, 0, 0, 0, 0, 9, 0),
];
