import { expect } from 'chai';
import { CANSocket, parseFrame, VirtualBus } from '../../../../src';
import { keepThread } from '../../../virtual/probe';
import { FakeClock, MS } from '../../../support/fakes/clock';
import { CLI, cli } from '../../../support/processes/cli';
import { until } from '../../../support/waiting/until';

interface Snapshot {
  readonly event: string;
  readonly interfaces: readonly { readonly name: string; readonly frames: number; load?: number }[];
  readonly identifiers: readonly { readonly text: string; readonly count: number }[];
  readonly others: number;
}

function snapshots(stdout: string): Snapshot[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Snapshot);
}

/** Lets intervals of a monitor pass, each in a turn of its own, until a condition holds. */
async function untilAfter(clock: FakeClock, intervalMs: number, holds: () => boolean, what: string): Promise<void> {
  let advancing = Promise.resolve();
  await until(() => {
    if (holds()) return true;
    advancing = advancing.then(() => clock.advance(BigInt(intervalMs) * MS));
    return false;
  }, what);
  await advancing;
}

describe('socketcan monitor without a terminal', () => {
  keepThread();

  it('prints as many tables as --count says, at the interval', async () => {
    const clock = new FakeClock();
    const command = new CLI({ clock });
    const ended = command.run('monitor', 'virtual:monitor0', '--interval', '200ms', '-n', '2');
    const tables = (): number => command.stdout.split('\n\n').length - 1;
    for (let count = 0; count < 2; count++) {
      await clock.advance(200n * MS - 1n);
      expect(tables()).to.equal(count);
      await clock.advance(1n);
      await until(() => tables() > count, 'a table');
    }
    const { code } = await ended;
    expect({ code, tables: tables() }).to.deep.equal({ code: 0, tables: 2 });
  });

  it('prints tables of the identifiers', async () => {
    const bus = VirtualBus.get('monitor1');
    const clock = new FakeClock();
    const command = new CLI({ clock });
    const ended = command.run('monitor', bus.interfaceName, '--interval', '200ms');
    await until(() => bus.nodes === 1, 'it listens');
    for (const text of ['123#DEADBEEF', '123#DEADBEFF', '7DF#R3', '18FEF100##1AABB']) {
      bus.inject(parseFrame(text));
    }
    const table = (): string => command.stdout.trimEnd().split('\n\n').at(-1) ?? '';
    await untilAfter(clock, 200, () => table().includes('18FEF100'), 'the last frame');
    command.terminal.interrupt('SIGINT');
    expect((await ended).code).to.equal(0);
    const rows = table().split('\n').slice(2);
    expect(rows[0]).to.equal('      ID FL LN    COUNT      /S   PERIOD  JITTER  DATA');
    expect(rows[1]).to.match(/^ {5}123 {5}4 {8}2 .* DE AD BE FF\*$/);
    expect(rows[2]).to.match(/^ {5}7DF R {3}3 {8}1 +- +- +-$/);
    expect(rows[3]).to.match(/^18FEF100 B {3}2 {8}1 +- +- +- {2}AA BB$/);
  });

  it('prints snapshots as lines of JSON, filtered and sorted', async () => {
    const bus = VirtualBus.get('monitor2');
    const clock = new FakeClock();
    const command = new CLI({ clock });
    const options = ['--json', '--interval', '700ms', '--bitrate', '500k'];
    const more = ['--sort', 'count', '--filter', '12', '--limit', '3'];
    const ended = command.run('monitor', bus.interfaceName, ...options, ...more);
    await until(() => bus.nodes === 1, 'it listens');
    for (const text of ['123#01', '124#02', '124#03', '555#', '666#', '777#']) {
      bus.inject(parseFrame(text));
    }
    await untilAfter(clock, 700, () => command.stdout.includes('"others":2'), 'the last frame');
    command.terminal.interrupt('SIGINT');
    await ended;
    const snapshot = snapshots(command.stdout).at(-1);
    expect(snapshot).to.include({ event: 'snapshot', others: 2 });
    expect(snapshot?.identifiers.map(({ text, count }) => `${text} ${count}`)).to.deep.equal(['124#03 2', '123#01 1']);
    const [first] = snapshot?.interfaces ?? [];
    expect(first).to.include({ name: bus.interfaceName, link: 'up', frames: 6, bitrate: 500_000 });
  });

  it('prints the load of a bus with traffic, on the clock of the machine', async () => {
    const bus = VirtualBus.get('monitor6');
    const command = new CLI();
    const options = ['--json', '--interval', '50ms', '--bitrate', '500k'];
    const ended = command.run('monitor', bus.interfaceName, ...options);
    await until(() => bus.nodes === 1, 'it listens');
    await until(() => {
      bus.inject(parseFrame('123#01'));
      return /"load":0\.0*[1-9]/.test(command.stdout);
    }, 'a load above 0');
    command.terminal.interrupt('SIGINT');
    expect((await ended).code).to.equal(0);
  });

  it('ends with exit code 0 at SIGINT, and when the reader goes away', async () => {
    for (const end of ['SIGINT', 'EPIPE'] as const) {
      const bus = VirtualBus.get(`monitor-${end}`);
      const command = new CLI();
      const ended = command.run('monitor', bus.interfaceName, '--interval', '1h');
      await until(() => bus.nodes === 1, 'it listens');
      command.terminal.interrupt(end);
      expect((await ended).code).to.equal(0);
      expect(bus.nodes).to.equal(0);
    }
  });

  it('prints nothing more for a reader that has stalled, and ends at SIGINT', async () => {
    const bus = VirtualBus.get('monitor5');
    const clock = new FakeClock();
    const command = new CLI({ clock });
    command.stall();
    const ended = command.run('monitor', bus.interfaceName, '--json', '--interval', '20ms');
    await until(() => bus.nodes === 1, 'it listens');
    for (let id = 0; id < 300; id++) bus.inject(parseFrame(`${(0x100 + id).toString(16)}#`));
    const pending = (): number => command.terminal.stdout.pending;
    await untilAfter(clock, 20, () => pending() > 20_000, 'the pipe is full');
    const before = pending();
    await clock.advance(1000n * MS);
    expect(pending()).to.equal(before);
    command.terminal.interrupt('SIGINT');
    await until(() => bus.nodes === 0, 'it has ended');
    command.resume();
    expect((await ended).code).to.equal(0);
  });

  it('shows that a link is down, and that an interface is gone', async () => {
    const bus = VirtualBus.get('monitor3');
    const clock = new FakeClock();
    const command = new CLI({ clock });
    const ended = command.run('monitor', bus.interfaceName, '--json', '--interval', '300ms');
    await until(() => bus.nodes === 1, 'it listens');
    bus.down();
    const down = (): boolean => command.stdout.includes('"link":"down"');
    await untilAfter(clock, 300, down, 'the link is down');
    bus.up();
    bus.remove();
    const gone = (): boolean => command.stdout.includes('"link":"gone"');
    await untilAfter(clock, 300, gone, 'the link is gone');
    command.terminal.interrupt('SIGINT');
    await ended;
    bus.add();
  });

  it('counts 10,000 frames that a socket sends at full speed, with those dropped', async () => {
    const bus = VirtualBus.get('monitor4');
    const clock = new FakeClock();
    const command = new CLI({ clock });
    const ended = command.run('monitor', bus.interfaceName, '--json', '--interval', '100ms');
    await until(() => bus.nodes === 1, 'it listens');
    const sender = new CANSocket(bus.interfaceName);
    const batch = Array.from({ length: 500 }, (_, i) =>
      parseFrame(`${(i % 64).toString(16).padStart(3, '0')}#0011223344556677`),
    );
    for (let i = 0; i < 20; i++) await sender.send(batch);
    const total = (): number => {
      const last = snapshots(command.stdout || '{"interfaces":[]}').at(-1);
      const [first] = last?.interfaces ?? [];
      return first === undefined ? 0 : first.frames + (first as unknown as { dropped: number }).dropped;
    };
    await untilAfter(clock, 100, () => total() === 10_000, 'all are counted');
    command.terminal.interrupt('SIGINT');
    await ended;
    await sender.close();
  });

  for (const [args, message] of [
    [[], 'INTERFACE'],
    [['virtual:a', 'virtual:a'], 'twice'],
    [['virtual:a', '--bitrate', 'fast'], '--bitrate'],
    [['virtual:a', '--sort', 'size'], '--sort'],
    [['virtual:a', '--refresh', '0'], '--refresh'],
    [['--demo', 'vcan9'], '--demo'],
  ] as const) {
    it(`rejects ${args.join(' ') || 'no arguments'} with exit code 2`, async () => {
      const { code, stderr } = await cli('monitor', ...args);
      expect(code).to.equal(2);
      expect(stderr).to.include(message);
    });
  }
});
