import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { CANSocket, VirtualBus } from '../../../src';
import { CommandClock } from '../../support/fakes/command-clock';
import { CLI, cli } from '../../support/processes/cli';
import { until } from '../../support/waiting/until';

/** The frames that a bus carries while the body runs. */
async function recorded(bus: VirtualBus, body: () => Promise<void>): Promise<string[]> {
  bus.startRecording();
  await body();
  return bus.stopRecording().map(({ frame }) => String(frame));
}

describe('socketcan send', () => {
  const bus = VirtualBus.get('send');
  const name = bus.interfaceName;

  afterEach(() => bus.reset());

  it('sends frames as written, in order, and prints a summary', async () => {
    const frames = ['123#DEADBEEF', '1BADC0FE#', '123#R4', '123##1AA', '123##3'];
    const seen = await recorded(bus, async () => {
      const { code, stdout, stderr } = await cli('send', name, ...frames);
      expect({ code, stdout, stderr }).to.deep.equal({
        ...{ code: 0, stdout: 'sent 5, expired 0, refused 0\n', stderr: '' },
      });
    });
    expect(seen).to.deep.equal(frames);
  });

  it('repeats the frames at the interval, and waits for their confirmations', async () => {
    const clock = new CommandClock(bus);
    bus.startRecording();
    const argv = ['--count', '3', '--interval', '10', '--confirm', '--json', name, '001#', '002#'];
    const { code, stdout } = await clock.drive(new CLI({ clock }).run('send', ...argv));
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal({
      ...{ event: 'account', interface: name, offered: 6, sent: 6, expired: 0, refused: 0 },
      ...{ confirmed: 6, confirmation: 'queued' },
    });
    const seen = bus.stopRecording().map(({ timeNs, frame }) => [Number(timeNs) / 1e6, String(frame)]);
    expect(seen).to.deep.equal([
      ...[0, 10, 20].flatMap((ms) => [
        [ms, '001#'],
        [ms, '002#'],
      ]),
    ]);
  });

  it('sends the frames on stdin, however the text is split into chunks', async () => {
    const run = new CLI();
    const seen = await recorded(bus, async () => {
      const running = run.run('send', name, '-');
      for (const piece of ['123#1', '1\n12', '4#\r\n\n# no frame\n', ' 125# ']) run.stdin.write(piece);
      run.stdin.end();
      expect((await running).stdout).to.equal('sent 3, expired 0, refused 0\n');
    });
    expect(seen).to.deep.equal(['123#11', '124#', '125#']);
  });

  it('names the line of stdin that is not a frame, and sends the frames before it', async () => {
    const run = new CLI();
    run.stdin.end('123#\n\nxyz\n');
    const { code, stderr, stdout } = await run.run('send', name, '-');
    expect(code).to.equal(1);
    expect(stderr).to.match(/^socketcan send: line 3 of stdin: "xyz" is not a CAN frame/);
    expect(stdout).to.include('sent 1');
  });

  it('ends with exit code 1 when frames expire or are refused, and prints their numbers', async () => {
    bus.down();
    const expired = await cli('send', '--timeout', '20', name, '123#', '124#');
    expect(expired.code).to.equal(1);
    expect(expired.stdout).to.equal('sent 0, expired 2, refused 0\n');
    bus.up();
    bus.configure({ mtu: 16 });
    const refused = await cli('send', name, '123#', '123##0');
    expect(refused.code).to.equal(1);
    expect(refused.stdout).to.equal('sent 1, expired 0, refused 1\n');
    expect(refused.stderr).to.match(/^socketcan send: .*CAN FD/);
  });

  it('ends with exit code 130 at SIGINT while it waits for the link, the interval, or stdin', async () => {
    for (const argv of [
      ['--timeout', '1h', name, '123#'],
      ['--count', '2', '--interval', '1h', name, '123#'],
      [name, '-'],
    ]) {
      bus.reset();
      if (argv[0] === '--timeout') bus.down();
      const run = new CLI();
      const running = run.run('send', ...argv);
      await until(() => bus.nodes === 1, 'the socket is open');
      // After a few turns of the event loop it waits.
      for (let turns = 0; turns < 10; turns++) await turn();
      run.terminal.interrupt('SIGINT');
      const { code, stdout } = await running;
      expect(code, argv.join(' ')).to.equal(130);
      expect(stdout).to.match(/^sent [01], expired 0, refused 0\n$/);
    }
  });

  it('does not disturb other sockets on the bus', async () => {
    await using other = new CANSocket(name);
    expect((await cli('send', name, '123#')).code).to.equal(0);
    expect(other.state).to.equal('up');
  });
});
