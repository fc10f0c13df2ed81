import { expect } from 'chai';
import { DataFrame, RemoteFrame, VirtualBus, type Frame } from '../../../src';
import { MS } from '../../support/fakes/clock';
import { CommandClock } from '../../support/fakes/command-clock';
import { CLI, cli, type Outcome } from '../../support/processes/cli';
import { until } from '../../support/waiting/until';

describe('socketcan gen', () => {
  const bus = VirtualBus.get('gen');
  const name = bus.interfaceName;

  afterEach(() => bus.reset());

  async function generated(...argv: string[]): Promise<{ frames: Frame[]; outcome: Outcome }> {
    bus.startRecording();
    const outcome = await cli('gen', name, ...argv);
    const frames = bus.stopRecording().map(({ frame }) => frame);
    return { outcome, frames: frames as Frame[] };
  }

  async function texts(...argv: string[]): Promise<string[]> {
    return (await generated(...argv)).frames.map(String);
  }

  /** The command on a clock of its own, with the times at which its frames pass the bus, in ms. */
  async function timed(...argv: string[]): Promise<{ times: number[]; outcome: Outcome }> {
    const clock = new CommandClock(bus);
    bus.startRecording();
    const outcome = await clock.drive(new CLI({ clock }).run('gen', name, ...argv));
    const times = bus.stopRecording().map(({ timeNs }) => Number(timeNs) / 1e6);
    return { outcome, times };
  }

  it('sends exactly the requested number of frames, and prints a summary', async () => {
    const { frames, outcome } = await generated('-n', '5000');
    expect(frames).to.have.lengthOf(5000);
    expect(outcome).to.include({ code: 0, stdout: '' });
    expect(outcome.stderr).to.match(
      /^socketcan gen virtual:gen: offered 5000 frames: sent 5000, expired 0, refused 0; [\d.]+ s, \d+ frames\/s\n$/,
    );
  });

  it('counts up and fixes identifiers, lengths and data as cangen does', async () => {
    expect(await texts('-n', '3', '-I', '42A', '-L', '1', '-D', 'i')).to.deep.equal([
      ...['42A#00', '42A#01', '42A#02'],
    ]);
    expect(await texts('-n', '3', '-I', 'i', '-D', '11223344DEADBEEF', '-L', '4')).to.deep.equal([
      ...['000#11223344', '001#11223344', '002#11223344'],
    ]);
    expect(await texts('-n', '1', '-I', '0000042A', '-D', '0102')).to.deep.equal(['0000042A#0102']);
    expect(await texts('-n', '2', '-I', '7', '-L', 'i', '-R', '-e')).to.deep.equal([...['00000007#R', '00000007#R1']]);
    expect(await texts('-n', '2', '-b', '-I', '1', '-L', '12', '-D', '00'.repeat(12))).to.deep.equal(
      Array(2).fill(`001##1${'00'.repeat(12)}`),
    );
    const counted = await texts('-n', '258', '-I', '1', '-D', 'i', '-L', '2');
    expect(counted.slice(255)).to.deep.equal(['001#FF00', '001#0001', '001#0101']);
  });

  it('sends the same random frames for the same seed, with --mix of all kinds', async () => {
    const argv = ['-n', '400', '-m', '--fd', '--seed', '5'];
    const { frames } = await generated(...argv);
    expect(await texts(...argv)).to.deep.equal(frames.map(String));
    expect(await texts(...argv.slice(0, -1), '6')).to.not.deep.equal(frames.map(String));
    const data = frames.filter((frame) => frame instanceof DataFrame);
    expect(frames.some((frame) => frame instanceof RemoteFrame)).to.equal(true);
    expect(new Set(data.map(({ format, fd }) => `${format} ${String(fd)}`)).size).to.equal(4);
    expect(new Set(data.map(({ data: bytes }) => bytes.length)).size).to.equal(16);
    expect(data.some(({ brs }) => brs) && data.some(({ esi }) => esi)).to.equal(true);
    const classic = await generated('-n', '200', '-m');
    expect(classic.frames.some((frame) => frame instanceof DataFrame && frame.fd)).to.equal(false);
  });

  const every5ms = Array.from({ length: 41 }, (_, index) => 5 * index);
  const every50ms = every5ms.map((ms) => Math.floor(ms / 50) * 50);
  for (const [what, argv, expected] of [
    ['a rate', ['--rate', '200'], every5ms],
    ['a gap', ['--gap', '5'], every5ms],
    ['a rate in bursts', ['--rate', '200', '--burst', '10'], every50ms],
    ['a gap that is no whole number of ms', ['--gap', '0.5'], every5ms.map((ms) => ms / 10)],
  ] as const) {
    it(`keeps ${what}: each frame passes the bus within half a millisecond of its time`, async () => {
      const { times, outcome } = await timed('-n', '41', ...argv);
      expect(times).to.have.lengthOf(41);
      for (const [index, ms] of times.entries()) {
        expect(ms).to.be.closeTo(expected[index] ?? NaN, 0.5);
      }
      const seconds = ((times.at(-1) ?? 0) / 1000).toFixed(3);
      expect(outcome.stderr).to.include(`sent 41, expired 0, refused 0; ${seconds} s, `);
    });
  }

  it('sends all overdue frames at once after a stall', async () => {
    const clock = new CommandClock(bus);
    bus.startRecording();
    const running = new CLI({ clock }).run('gen', name, '-n', '40', '--rate', '1000');
    await clock.advance(5n * MS);
    expect(bus.recorded).to.have.lengthOf(6);
    clock.spend(20n * MS);
    await clock.turn();
    await clock.turn();
    expect(bus.recorded).to.have.lengthOf(26);
    expect((await clock.drive(running)).code).to.equal(0);
    expect(Number(bus.stopRecording().at(-1)?.timeNs) / 1e6).to.equal(39);
  });

  it('sends no frame before its time on the clock of the machine', async () => {
    const startNs = process.hrtime.bigint();
    bus.startRecording();
    expect((await cli('gen', name, '-n', '11', '--rate', '200')).code).to.equal(0);
    const afterMs = bus.stopRecording().map(({ timeNs }) => Number(timeNs - startNs) / 1e6);
    expect(afterMs).to.have.lengthOf(11);
    // A frame may be half a millisecond early, since timers have a resolution of 1 ms.
    for (const [index, ms] of afterMs.entries()) expect(ms).to.be.at.least(5 * index - 0.5);
  });

  it('ends after the time, with exit code 0', async () => {
    const { times, outcome } = await timed('--rate', '100', '--time', '100ms');
    expect(outcome.code).to.equal(0);
    expect(times).to.deep.equal([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it('sends without end until SIGINT, which ends it with exit code 0', async () => {
    bus.startRecording();
    const endless = new CLI();
    const running = endless.run('gen', name);
    await until(() => bus.recorded.length > 1000, 'it sends');
    endless.terminal.interrupt('SIGINT');
    const { code, stderr } = await running;
    expect(code).to.equal(0);
    const sent = Number(/offered (\d+) frames: sent \1, expired 0, refused 0/.exec(stderr)?.[1]);
    expect(bus.stopRecording()).to.have.lengthOf(sent);
  });

  it('ends with exit code 130 and a summary when SIGINT comes before the count', async () => {
    const clock = new CommandClock(bus);
    bus.startRecording();
    const run = new CLI({ clock });
    const running = run.run('gen', name, '-n', '1000000', '--rate', '1000');
    await clock.advance(50n * MS);
    run.terminal.interrupt('SIGINT');
    const { code, stderr } = await running;
    expect(code).to.equal(130);
    expect(stderr).to.include('offered 51 frames: sent 51, expired 0, refused 0; 0.050 s');
    expect(bus.stopRecording()).to.have.lengthOf(51);
  });

  it('counts frames that expire on a slow bus, and frames that a classic bus refuses', async () => {
    bus.configure({ bitrate: 10_000, txQueueLength: 5, virtualTime: true });
    const slow = await cli('gen', name, '-n', '30', '-L', '8', '--timeout', '30', '--json');
    expect(slow.code).to.equal(1);
    const account = JSON.parse(slow.stdout) as Record<string, number>;
    expect(account).to.include({ event: 'account', interface: name, offered: 30, refused: 0 });
    expect(account['expired']).to.be.above(0);
    expect((account['sent'] ?? 0) + (account['expired'] ?? 0)).to.equal(30);
    bus.reset();
    bus.configure({ mtu: 16 });
    const refused = await cli('gen', name, '-n', '10', '-f', '--json');
    expect(refused.code).to.equal(1);
    expect(JSON.parse(refused.stdout)).to.include({ offered: 10, sent: 0, refused: 10 });
  });

  it('shows its progress on a terminal every 100 ms, and clears it at the end', async () => {
    const clock = new CommandClock(bus);
    const run = new CLI({ isTTY: true, clock });
    const { stderr } = await clock.drive(run.run('gen', name, '-n', '500', '--rate', '1000'));
    const shown = stderr.split('\r\u001b[K').slice(1);
    expect(shown.slice(0, -1).map((line) => line.replace(/^\[.*\] /, ''))).to.deep.equal([
      ...['1 frame, 0/s', '101 frames, 1010/s', '201 frames, 1005/s'],
      ...['301 frames, 1003/s', '401 frames, 1003/s'],
    ]);
    expect(shown[2]).to.match(/^\[#{12}\.{18}\] /);
    expect(shown.at(-1)).to.match(/^socketcan gen virtual:gen: offered 500/);
    expect((await cli('gen', name, '-n', '5')).stderr).to.not.include('\r');
  });
});
