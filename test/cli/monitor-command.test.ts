import { expect } from 'chai';
import { CANSocket, parseFrame, VirtualBus } from '../../src';
import { CLI, cli } from '../support/processes/cli';
import { until } from '../support/waiting/until';

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

describe('socketcan monitor where there is no terminal', () => {
  it('writes tables, so many and so often as asked for', async () => {
    const bus = VirtualBus.get('monitor1');
    const command = new CLI();
    const ended = command.run('monitor', bus.interfaceName, '--interval', '200ms', '--count', '2');
    await until(() => bus.nodes === 1, 'it listens');
    for (const text of ['123#DEADBEEF', '123#DEADBEFF', '7DF#R3', '18FEF100##1AABB']) {
      bus.inject(parseFrame(text));
    }
    const { code, stdout } = await ended;
    expect(code).to.equal(0);
    const tables = stdout.trimEnd().split('\n\n');
    expect(tables).to.have.length(2);
    const rows = (tables[1] ?? '').split('\n').slice(2);
    expect(rows[0]).to.equal('      ID FL LN    COUNT      /S   PERIOD  JITTER  DATA');
    expect(rows[1]).to.match(/^ {5}123 {5}4 {8}2 .* DE AD BE FF\*$/);
    expect(rows[2]).to.match(/^ {5}7DF R {3}3 {8}1 +- +- +-$/);
    expect(rows[3]).to.match(/^18FEF100 B {3}2 {8}1 +- +- +- {2}AA BB$/);
  });

  it('writes snapshots as lines of JSON, filtered and sorted', async () => {
    const bus = VirtualBus.get('monitor2');
    const command = new CLI();
    const options = ['--json', '--interval', '700ms', '--count', '1', '--bitrate', '500k'];
    const more = ['--sort', 'count', '--filter', '12', '--limit', '3'];
    const ended = command.run('monitor', bus.interfaceName, ...options, ...more);
    await until(() => bus.nodes === 1, 'it listens');
    for (const text of ['123#01', '124#02', '124#03', '555#', '666#', '777#']) {
      bus.inject(parseFrame(text));
    }
    const [snapshot] = snapshots((await ended).stdout);
    expect(snapshot).to.include({ event: 'snapshot', others: 2 });
    expect(snapshot?.identifiers.map(({ text, count }) => `${text} ${count}`)).to.deep.equal([
      '124#03 2',
      '123#01 1',
    ]);
    const [first] = snapshot?.interfaces ?? [];
    expect(first).to.include({ name: bus.interfaceName, link: 'up', frames: 6, bitrate: 500_000 });
    expect(first?.load).to.be.above(0);
  });

  it('ends well at a signal, and when the reader has gone', async () => {
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

  it('ends at a signal though the reader has stalled, and writes no tables that nobody reads', async () => {
    const bus = VirtualBus.get('monitor5');
    const command = new CLI();
    command.stall();
    const ended = command.run('monitor', bus.interfaceName, '--json', '--interval', '20ms');
    await until(() => bus.nodes === 1, 'it listens');
    for (let id = 0; id < 300; id++) bus.inject(parseFrame(`${(0x100 + id).toString(16)}#`));
    await until(() => command.terminal.stdout.pending > 20_000, 'the pipe is full');
    const { pending } = command.terminal.stdout;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(command.terminal.stdout.pending).to.equal(pending);
    command.terminal.interrupt('SIGINT');
    await until(() => bus.nodes === 0, 'it has ended');
    command.resume();
    expect((await ended).code).to.equal(0);
  });

  it('shows links that go, and drops', async () => {
    const bus = VirtualBus.get('monitor3');
    const command = new CLI();
    const ended = command.run('monitor', bus.interfaceName, '--json', '--interval', '300ms');
    await until(() => bus.nodes === 1, 'it listens');
    bus.down();
    await until(() => command.stdout.includes('"link":"down"'), 'it is seen');
    bus.up();
    bus.remove();
    await until(() => command.stdout.includes('"link":"gone"'), 'it is seen');
    command.terminal.interrupt('SIGINT');
    await ended;
    bus.add();
  });

  it('counts exactly what sockets send at full speed', async () => {
    const bus = VirtualBus.get('monitor4');
    const command = new CLI();
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
      return first === undefined
        ? 0
        : first.frames + (first as unknown as { dropped: number }).dropped;
    };
    await until(() => total() === 10_000, 'all are counted');
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
    it(`refuses ${args.join(' ') || 'no arguments'}`, async () => {
      const { code, stderr } = await cli('monitor', ...args);
      expect(code).to.equal(2);
      expect(stderr).to.include(message);
    });
  }
});
