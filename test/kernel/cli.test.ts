import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CANSocket, ErrorFrame, parseFrame, type Frame } from '../../src';
import { CLI, cli, outcomeOf, startCLI } from '../support/processes/cli';
import { addVcan, canutil, ip, receivers, removeLink } from '../support/kernel/guest';
import { until } from '../support/waiting/until';

/** Many batches of the receiver, and more than the default backlog of an interface holds. */
const FRAMES = process.env['SOCKETCAN_FAULTS'] === 'full' ? 50_000 : 10_000;

let folder = '';

/** Programs that a failed test may leave running. */
const running = new Set<ChildProcess>();

/** Frames that the kernel queues between an interface and its sockets. Above, all sockets lose them. */
const BACKLOG = '/proc/sys/net/core/netdev_max_backlog';

/** Gives each test of a block a folder and a large backlog. Ends the programs that a failed test leaves. */
function useFolder(): void {
  let backlog: string;

  before(() => {
    backlog = readFileSync(BACKLOG, 'utf8');
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
}

const inFolder = (name: string): string => join(folder, name);

/** Starts a program that listens on an interface; resolves when the kernel lists its socket. */
async function listening(interfaceName: string, start: () => ChildProcess, sockets = 1): Promise<ChildProcess> {
  const before = receivers(interfaceName);
  const child = start();
  running.add(child);
  child.on('close', () => running.delete(child));
  await until(() => receivers(interfaceName) >= before + sockets, `a socket listens on ${interfaceName}`);
  return child;
}

/** Starts candump with its output in a file, and a receive buffer large enough for all frames. */
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
  await until(() => text().split('\n').length > count, `${file} has ${count} lines`);
  return text().trimEnd().split('\n');
}

/** The frames of a log without the flag FDF (4) of CAN FD frames, which newer kernels set. */
function framesOf(lines: readonly string[]): string[] {
  return lines.map((line) =>
    (line.split(' ').at(-1) ?? '').replace(/##([4-7])/, (_, flags) => `##${Number(flags) - 4}`),
  );
}

describe('socketcan and can-utils', () => {
  useFolder();

  it(`logs ${FRAMES} frames of cangen, and canplayer replays the log`, async () => {
    const log = inFolder('ours.log');
    const dump = await listening('vcan0', () =>
      startCLI(['dump', '-f', log, '-r', '67108864', '-n', String(FRAMES), 'vcan0'], ['ignore', 'ignore', 'pipe']),
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

  it(`generates ${FRAMES} frames for candump, and plays the log of candump`, async () => {
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
    it(`prints the same bytes as candump, ${what}`, async () => {
      const selection = ['vcan0,0:0,#1FFFFFFF', 'vcan1'];
      const theirs = await candumpTo(inFolder('theirs.txt'), ...options, ...selection);
      const ours = new CLI();
      const ended = ours.run('dump', ...options, ...selection);
      // candump prints pending frames socket by socket, so only one socket may have frames at a time.
      const printed = (text: string): Promise<void> =>
        until(() => readFileSync(inFolder('theirs.txt'), 'utf8').includes(text), 'candump prints');
      await sendAll('vcan0', [...FIRST, parseFrame('7A1#')]);
      await printed('7A1');
      await sendAll('vcan1', [parseFrame('7A2#11')]);
      await printed('7A2');
      await sendAll('vcan0', [...SECOND, parseFrame('7A3#')]);
      await printed('7A3');
      await interrupt(theirs);
      ours.terminal.interrupt('SIGINT');
      const { stdout } = await ended;
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
  it('selects the same frames as candump by its filters', async () => {
    const ids = ['123', '124', '00000123', '00000124', '7FF', '12345678', '1FFFF123', '023'];
    const frames: Frame[] = ids.flatMap((id) => [`${id}#01`, `${id}#R`]).map(parseFrame);
    frames.push(error(0x40), error(0x4));
    for (const [index, selection] of FILTERS.entries()) {
      const file = inFolder(`${index}.log`);
      const ours = new CLI();
      const running = ours.run('dump', '-L', selection);
      const own = listEntries('vcan0');
      expect(own, selection).to.be.above(0);
      const last = receivers('vcan1');
      const theirs = spawn('sh', ['-c', `exec candump -L ${selection} vcan1 > ${file}`]);
      const listens = (): boolean => listEntries('vcan0') === 2 * own && receivers('vcan1') > last;
      await until(listens, 'both programs listen');
      await sendAll('vcan0', frames);
      ours.terminal.interrupt('SIGINT');
      const { stdout } = await running;
      // candump reads one frame of each interface in turn: after as many frames of vcan1 it has printed all of vcan0.
      await sendAll('vcan1', [...frames.map(() => parseFrame('7A4#')), parseFrame('7A5#')]);
      const text = (): string => readFileSync(file, 'utf8');
      await until(() => text().includes(' 7A5#\n'), 'candump prints the last frame');
      await interrupt(theirs);
      expect(stdout, selection).to.equal(text().replace(/^.* vcan1 .*\n/gm, ''));
    }
  });

  it('writes logs that log2asc reads like those of candump', async () => {
    const theirs = await candumpTo(inFolder('theirs.log'), '-L', 'vcan0');
    const ours = await listening('vcan0', () =>
      startCLI(['record', 'vcan0', inFolder('ours.log')], ['ignore', 'ignore', 'pipe']),
    );
    const ended = outcomeOf(ours);
    const frames = [...FIRST, ...SECOND.filter((frame) => !(frame instanceof ErrorFrame))];
    await sendAll('vcan0', frames);
    await linesIn(inFolder('theirs.log'), frames.length);
    await interrupt(theirs);
    ours.kill('SIGINT');
    await ended;
    const asc = (file: string): Promise<string> =>
      canutil('log2asc', '-I', inFolder(file), 'vcan0').then((text) => text.replace(/^date .*\n/, ''));
    expect((await asc('ours.log')).split('\n').length).to.be.above(FIRST.length);
    expect(await asc('ours.log')).to.equal(await asc('theirs.log'));
  });
});

describe('socketcan on interfaces of the kernel', () => {
  useFolder();

  afterEach(() => {
    removeLink('vcan7');
  });

  it('lists interfaces with their properties', async () => {
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

  it('finds the faults of interfaces', async () => {
    addVcan('vcan7', 16, false);
    const failing = async (...argv: string[]): Promise<string> => {
      const { code, stdout } = await cli('doctor', ...argv);
      expect(code).to.equal(stdout.includes('fail ') ? 1 : 0);
      const lines = stdout.split('\n');
      return lines.filter((line, i) => /^fail/.test(line) || /^fail/.test(lines[i - 1] ?? '')).join('\n');
    };
    expect(await failing('vcan0')).to.equal('');
    expect(await failing('vcan0', '--fd')).to.equal('');
    expect(await failing('vcan7')).to.match(/vcan7 \(vcan\) is down\n +\$ sudo ip link set vcan7 up$/);
    expect(await failing('vcan7', '--fd')).to.match(/MTU 16: .*\n.*ip link set vcan7 mtu 72/);
    expect(await failing('lo')).to.match(/lo is not a CAN interface/);
    expect(await failing('vcan9')).to.match(/no interface vcan9 .*\n.*ip link add vcan9 type vcan/);
    expect(await failing('can9')).to.match(/no interface can9 .*adapter/);
    expect(await failing()).to.include('vcan7 (vcan) is down');
  });

  it('counts every frame that is lost when the receive buffer is too small', async () => {
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

  it('listens on an interface that goes down, is removed and comes back', async () => {
    addVcan('vcan7', 72, false);
    const listener = new CLI();
    const running = listener.run('dump', '-L', 'vcan7');
    const reported = (text: string): Promise<void> => until(() => listener.stderr.includes(text), text);
    await reported('vcan7 is down');
    ip('link', 'set', 'vcan7', 'up');
    await reported('vcan7 is up');
    expect((await cli('send', 'vcan7', '001#')).code).to.equal(0);
    await until(() => listener.stdout.includes('001#'), 'the first frame');
    removeLink('vcan7');
    await reported('vcan7 is gone');
    addVcan('vcan7');
    await reported('vcan7 is back');
    await until(() => receivers('vcan7') > 0, 'it listens again');
    expect((await cli('send', 'vcan7', '002#')).code).to.equal(0);
    await until(() => listener.stdout.includes('002#'), 'the second frame');
    listener.terminal.interrupt('SIGINT');
    expect((await running).code).to.equal(0);
  });
});

/** Number of entries in the kernel's lists of receivers: one for each filter of each socket. */
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

/** An error frame with these classes and the first bytes of its data. */
function error(classMask: number, ...data: number[]): ErrorFrame {
  return new ErrorFrame(classMask, Uint8Array.from([...data, 0, 0, 0, 0, 0, 0, 0, 0].slice(0, 8)));
}

const FIRST: readonly Frame[] = [
  ...['123#', '7FF#00', '000#DEADBEEF', '123#1122334455667788', '123#R', '456#R8'].map(parseFrame),
  ...['123##0', '123##1AA', '123##21122334455667788', `7FF##3${'41'.repeat(12)}`].map(parseFrame),
];
const SECOND: readonly Frame[] = [
  ...['1BADC0FE#414243FF', '00000001#R3', '123#4142', `12345678##1${'FF'.repeat(64)}`].map(parseFrame),
  error(0x002, 7),
  ...Array.from({ length: 8 }, (_, bit) => error(0x004, 0, 1 << bit)),
  error(0x004, 0, 0xff),
  ...Array.from({ length: 8 }, (_, bit) => error(0x008, 0, 0, 1 << bit)),
  ...Array.from({ length: 40 }, (_, place) => error(0x008, 0, 0, 3, place)),
  error(0x1ff, 1, 2, 3, 4, 5, 6, 7, 8),
  error(0x040),
  error(0x020, 0, 0, 0, 0, 0, 0, 9, 0),
];
