import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANSocket, ErrorFrame, parseFrame, parseLog, type Frame, type LogRecord } from '../../src';
import { CLI, cli, outcomeOf, startCLI } from '../support/processes/cli';
import { addVcan, canutil, ip, receivers, removeLink } from '../support/kernel/guest';
import { until } from '../support/waiting/until';
import { run } from '../support/kernel/shell';

const FRAMES = 50_000;

let folder = '';

/** candumps that a failed test has left. */
const running = new Set<ChildProcess>();

/** Frames the kernel keeps between an interface and its sockets; above, they are lost for all of them. */
const BACKLOG = '/proc/sys/net/core/netdev_max_backlog';
const backlog = readFileSync(BACKLOG, 'utf8');

before(() => {
  writeFileSync(BACKLOG, '65536');
});

after(() => {
  writeFileSync(BACKLOG, backlog);
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketcan-cli-'));
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
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
  running.add(child);
  child.on('close', () => running.delete(child));
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

  const FILTERS = [
    ...['vcan0,123:7FF', 'vcan0,123~7FF', 'vcan0,00000123:9FFFFFFF', 'vcan0,123:C00007FF'],
    ...['vcan0,123~C00007FF,124~C00007FF,j', 'vcan0,40000123:C00007FF', 'vcan0,0:0,#1FFFFFFF'],
    ...['vcan0,20000123:7FF', 'vcan0,100:700,7F0:7F0', 'vcan0,0~0,#40', 'vcan0,123:1FFFFFFF'],
    ...['vcan0,0x40000123:C00007FF', 'vcan0,80000123:800007FF', 'vcan0,0:40000000'],
  ];
  it('selects by a filter what candump selects', async () => {
    const ids = ['123', '124', '00000123', '00000124', '7FF', '12345678', '1FFFF123', '023'];
    const frames: Frame[] = ids.flatMap((id) => [`${id}#01`, `${id}#R`]).map(parseFrame);
    frames.push(error(0x40), error(0x4));
    for (const [index, selection] of FILTERS.entries()) {
      const file = inFolder(`${index}.log`);
      const ours = new CLI();
      const running = ours.run('dump', '-L', selection);
      const own = listEntries('vcan0');
      expect(own, selection).to.be.above(0);
      const theirs = spawn('sh', ['-c', `exec candump -L -T 300 ${selection} > ${file}`]);
      await until(() => listEntries('vcan0') === 2 * own, 'both listen');
      await sendAll('vcan0', frames);
      await once(theirs, 'close');
      ours.terminal.interrupt('SIGINT');
      expect((await running).stdout, selection).to.equal(readFileSync(file, 'utf8'));
    }
  }).timeout(120_000);

  it('writes logs that log2asc reads as it reads those of candump', async () => {
    const theirs = await candumpTo(inFolder('theirs.log'), '-L', 'vcan0');
    const ours = await listening('vcan0', () =>
      startCLI(
        ['record', '-T', '1000', 'vcan0', inFolder('ours.log')],
        ['ignore', 'ignore', 'pipe'],
      ),
    );
    const ended = outcomeOf(ours);
    await sendAll('vcan0', [...FIRST, ...SECOND.filter((frame) => !(frame instanceof ErrorFrame))]);
    await ended;
    await interrupt(theirs);
    const asc = (file: string): Promise<string> =>
      canutil('log2asc', '-I', inFolder(file), 'vcan0').then((text) =>
        text.replace(/^date .*\n/, ''),
      );
    expect((await asc('ours.log')).split('\n').length).to.be.above(FIRST.length);
    expect(await asc('ours.log')).to.equal(await asc('theirs.log'));
  });
});

describe('socketcan on interfaces of the kernel', () => {
  afterEach(() => {
    removeLink('vcan7');
  });

  it('lists them, with what is known of them', async () => {
    addVcan('vcan7', 16, false);
    const { code, stdout } = await cli('list');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^NAME +KIND +LINK +MTU +BITRATE +STATE +RX +TX$/m);
    expect(stdout).to.match(/^vcan0 +vcan +up +72 \(FD\) +- +- +\d+.* +\d+$/m);
    expect(stdout).to.match(/^vcan7 +vcan +down +16 +- +- +0 +0$/m);
    const lines = (await cli('list', '--json')).stdout.trimEnd().split('\n');
    const all = lines.map((line) => JSON.parse(line) as { name: string });
    expect(all.find(({ name }) => name === 'vcan7')).to.include({
      kind: 'vcan',
      up: false,
      mtu: 16,
    });
  });

  it('finds what is wrong with them', async () => {
    addVcan('vcan7', 16, false);
    const failing = async (...argv: string[]): Promise<string> => {
      const { code, stdout } = await cli('doctor', ...argv);
      expect(code).to.equal(stdout.includes('fail ') ? 1 : 0);
      const lines = stdout.split('\n');
      return lines
        .filter((line, i) => /^fail/.test(line) || /^fail/.test(lines[i - 1] ?? ''))
        .join('\n');
    };
    expect(await failing('vcan0')).to.equal('');
    expect(await failing('vcan0', '--fd')).to.equal('');
    expect(await failing('vcan7')).to.match(
      /vcan7 \(vcan\) is down\n +\$ sudo ip link set vcan7 up$/,
    );
    expect(await failing('vcan7', '--fd')).to.match(/MTU 16: .*\n.*ip link set vcan7 mtu 72/);
    expect(await failing('lo')).to.match(/lo is not a CAN interface/);
    expect(await failing('vcan9')).to.match(/no interface vcan9 .*\n.*ip link add vcan9 type vcan/);
    expect(await failing('can9')).to.match(/no interface can9 .*adapter/);
    expect(await failing()).to.include('vcan7 (vcan) is down');
  });

  it('counts to the frame what it loses where the receive buffer is too small', async () => {
    const run = new CLI();
    const running = run.run('dump', '-L', '-r', '1', 'vcan0');
    const gen = await cli('gen', 'vcan0', '-n', '20000', '-L', '8');
    expect(gen.stderr).to.include('sent 20000,');
    run.terminal.interrupt('SIGINT');
    const { stdout, stderr } = await running;
    const [, received, lost] = /vcan0: received (\d+) frames?, lost (\d+)/.exec(stderr) ?? [];
    expect(Number(lost)).to.be.above(0);
    expect(Number(received) + Number(lost)).to.equal(20_000);
    expect(stdout.split('\n').length - 1).to.equal(Number(received));
    expect(stderr).to.match(/socketcan dump: vcan0 lost \d+ frames: the receive buffer was full/);
  });

  it('says how many frames are safe on a disk that becomes full, and leaves no half line', async () => {
    const disk = inFolder('disk');
    mkdirSync(disk);
    run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk);
    try {
      for (const options of [[], ['--max-size', '20k']]) {
        const cliRun = new CLI();
        const running = cliRun.run('record', ...options, 'vcan0', join(disk, 'trace.log'));
        await cli('gen', 'vcan0', '-n', '5000', '-L', '8', '--rate', '20000');
        const { code, stderr } = await running;
        expect(code).to.equal(1);
        const [, file, safe] =
          /^socketcan record: (\S+): ENOSPC: the disk is full; (\d+) frames before that are safe in the log$/m.exec(
            stderr,
          ) ?? [];
        expect(file).to.include(disk);
        const logs = readdirSync(disk).map((name) => readFileSync(join(disk, name), 'utf8'));
        for (const log of logs) expect(log.endsWith('\n')).to.equal(true);
        const records: LogRecord[] = [];
        for await (const record of parseLog(logs)) records.push(record);
        expect(records).to.have.lengthOf(Number(safe));
        expect(records.length).to.be.above(1000);
        for (const name of readdirSync(disk)) rmSync(join(disk, name));
      }
    } finally {
      run('umount', disk);
    }
  });

  it('listens on an interface that is down, gone and back', async () => {
    addVcan('vcan7', 72, false);
    const listener = new CLI();
    const running = listener.run('dump', '-L', 'vcan7');
    const told = (text: string): Promise<void> => until(() => listener.stderr.includes(text), text);
    await told('vcan7 is down');
    ip('link', 'set', 'vcan7', 'up');
    await told('vcan7 is up');
    expect((await cli('send', 'vcan7', '001#')).code).to.equal(0);
    await until(() => listener.stdout.includes('001#'), 'the first frame');
    removeLink('vcan7');
    await told('vcan7 is gone');
    addVcan('vcan7');
    await told('vcan7 is back');
    const known = (): boolean => receivers('vcan7') > 0;
    await until(known, 'it listens again');
    expect((await cli('send', 'vcan7', '002#')).code).to.equal(0);
    await until(() => listener.stdout.includes('002#'), 'the second frame');
    listener.terminal.interrupt('SIGINT');
    expect((await running).code).to.equal(0);
  });
});

/** Entries of the kernel's lists of receivers: one a filter and socket. */
function listEntries(interfaceName: string): number {
  return readdirSync('/proc/net/can')
    .filter((name) => name.startsWith('rcvlist_'))
    .flatMap((name) => readFileSync(`/proc/net/can/${name}`, 'utf8').split('\n'))
    .filter((line) => line.trim().startsWith(`${interfaceName} `)).length;
}

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
