import { expect } from 'chai';
import { DataFrame, RemoteFrame, VirtualBus, type Frame } from '../../src';
import { CLI, cli, type Outcome } from '../support/processes/cli';

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

  it('sends exactly the count, and says so', async () => {
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
    expect(await texts('-n', '2', '-I', '7', '-L', 'i', '-R', '-e')).to.deep.equal([
      ...['00000007#R', '00000007#R1'],
    ]);
    expect(
      await texts('-n', '2', '-b', '-I', '1', '-L', '12', '-D', '00'.repeat(12)),
    ).to.deep.equal(Array(2).fill(`001##1${'00'.repeat(12)}`));
    const counted = await texts('-n', '258', '-I', '1', '-D', 'i', '-L', '2');
    expect(counted.slice(255)).to.deep.equal(['001#FF00', '001#0001', '001#0101']);
  });

  it('sends the same random frames for the same seed, of all kinds if asked to', async () => {
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

  it('keeps the rate over time, in bursts too, by the times on the bus', async () => {
    for (const argv of [
      ['--rate', '200'],
      ['--gap', '5'],
      ['--rate', '200', '--burst', '10'],
    ]) {
      bus.startRecording();
      expect((await cli('gen', name, '-n', '41', ...argv)).code).to.equal(0);
      const times = bus.stopRecording().map(({ timeNs }) => Number(timeNs) / 1e6);
      const took = (times.at(-1) ?? 0) - (times[0] ?? 0);
      expect(times).to.have.lengthOf(41);
      // Never faster; slower only as far as the machine is.
      expect(took, argv.join(' ')).to.be.at.least(195);
    }
  });

  it('ends after the time, and by SIGINT with 0 if it has no other end', async () => {
    const timed = await generated('--rate', '100', '--time', '100ms');
    expect(timed.outcome.code).to.equal(0);
    expect(timed.frames.length).to.be.within(1, 11);
    const endless = new CLI();
    const running = endless.run('gen', name);
    setTimeout(() => {
      endless.terminal.interrupt('SIGINT');
    }, 50);
    const { code, stderr } = await running;
    expect(code).to.equal(0);
    expect(stderr).to.match(/offered (\d+) frames: sent \1, expired 0, refused 0/);
  });

  it('ends with 130 when it is interrupted before its count, with the account', async () => {
    bus.startRecording();
    const run = new CLI();
    const running = run.run('gen', name, '-n', '1000000', '--rate', '1000');
    setTimeout(() => {
      run.terminal.interrupt('SIGINT');
    }, 50);
    const { code, stderr } = await running;
    expect(code).to.equal(130);
    const sent = Number(/sent (\d+)/.exec(stderr)?.[1]);
    expect(bus.stopRecording()).to.have.lengthOf(sent);
  });

  it('accounts to the frame for what a slow bus and a classic bus do not take', async () => {
    bus.configure({ bitrate: 10_000, txQueueLength: 5 });
    bus.startRecording();
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

  it('shows its progress on a terminal only, and takes it away', async () => {
    const run = new CLI({ isTTY: true });
    const { stderr } = await run.run('gen', name, '-n', '500', '--rate', '1000');
    expect(stderr).to.match(/\r\u001b\[K\[#+\.*\] \d+ frames, \d+\/s/);
    expect(stderr).to.match(/\r\u001b\[Ksocketcan gen virtual:gen: offered 500/);
    expect((await cli('gen', name, '-n', '5')).stderr).to.not.include('\r');
  });
});
