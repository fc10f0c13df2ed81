import { expect } from 'chai';
import { parseFrame } from '../../../../src';
import { keepThread } from '../../../virtual/probe';
import { FakeClock, MS } from '../../../support/fakes/clock';
import { CLI, cli } from '../../../support/processes/cli';
import { until } from '../../../support/waiting/until';
import { newBus, Node } from './support';

describe('socketcan bridge', () => {
  keepThread();

  it('forwards until SIGINT, and then prints a summary', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    const command = new CLI();
    const options = ['--map', '123=456', '--map-back', '456=123', '--fd', 'classic'];
    const ended = command.run('bridge', ...options, `${a.interfaceName},100:700,18FEF100:1FFFFFFF`, b.interfaceName);
    await until(() => command.stderr.includes('<->'), 'it is ready');
    await left.socket.send(['123#01', '18FEF100##1AA', '223#', '124##0' + '00'.repeat(12)].map((t) => parseFrame(t)));
    await right.socket.send(parseFrame('456#02'));
    await until(() => right.texts.length === 2 && left.texts.length === 1, 'they pass');
    command.terminal.interrupt('SIGINT');
    const { code, stdout } = await ended;
    expect(code).to.equal(0);
    expect(right.texts).to.deep.equal(['456#01', '18FEF100#AA']);
    expect(left.texts).to.deep.equal(['123#02']);
    const [one, two] = [a.interfaceName, b.interfaceName];
    expect(stdout.split('\n')).to.deep.equal([
      `${one} -> ${two}: received 4 = forwarded 2, filtered 1, expired 0, refused 0, dropped 1 (1 of CAN FD)`,
      `${two} -> ${one}: received 1 = forwarded 1, filtered 0, expired 0, refused 0, dropped 0`,
      '',
    ]);
    expect([a.nodes, b.nodes]).to.deep.equal([1, 1]);
  });

  it('prints its summary as JSON at the interval of --stats', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    const clock = new FakeClock();
    const command = new CLI({ clock });
    const args = ['--json', '--stats', '100ms', '--one-way', a.interfaceName, b.interfaceName];
    const ended = command.run('bridge', ...args);
    await until(() => command.stderr.includes('->'), 'it is ready');
    await left.socket.send(parseFrame('123#'));
    await until(() => b.nodes === 1, 'both sides are open');
    const lines = (): string[] => command.stdout.split('\n').slice(0, -1);
    for (let count = 0; lines().at(-1)?.includes('"forwarded":1') !== true; count++) {
      expect(lines()).to.have.lengthOf(count);
      await clock.advance(100n * MS - 1n);
      expect(lines()).to.have.lengthOf(count);
      await clock.advance(1n);
      await until(() => lines().length > count, 'a line');
    }
    command.terminal.interrupt('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).to.equal(0);
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    expect(last).to.deep.include({ event: 'account' });
    expect(last['directions']).to.deep.equal([
      {
        from: a.interfaceName,
        to: b.interfaceName,
        ...{ received: 1, forwarded: 1, filtered: 0, expired: 0, refused: 0, dropped: 0 },
        ...{ droppedFD: 0, waiting: 0, lost: 0 },
      },
    ]);
  });

  it('reports changes of links, and ends with exit code 1 when two bridges make a loop', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    const commands = [new CLI(), new CLI()] as const;
    const ended = commands.map((each) => each.run('bridge', a.interfaceName, b.interfaceName));
    await until(() => a.nodes === 3 && b.nodes === 2, 'both listen');
    b.down();
    await until(() => commands[0].stderr.includes(`${b.interfaceName} is down`), 'the command reports it');
    b.up();
    await until(() => commands[0].stderr.includes(`${b.interfaceName} is up`), 'the command reports it');
    // Enough frames for a machine so slow that each circulates only a few times per second.
    await left.socket.send(Array.from({ length: 50 }, (_, n) => parseFrame(`1${n + 10}#`)));
    const { code, stdout, stderr } = await Promise.race(ended);
    expect(code).to.equal(1);
    expect(stderr).to.match(/socketcan bridge: there is a loop/);
    expect(stdout).to.match(/-> .*: received [0-9]{3,} = forwarded/);
    for (const each of commands) each.terminal.interrupt('SIGINT');
    await Promise.all(ended);
  });

  for (const [args, message] of [
    [['virtual:a'], 'A B'],
    [['virtual:a', 'virtual:a'], 'twice'],
    [['virtual:a', 'virtual:b', 'virtual:c'], 'one argument too many'],
    [['virtual:a', 'virtual:b,#FF'], 'Error frames are not forwarded'],
    [['virtual:a', 'virtual:b,12'], 'A filter must be'],
    [['virtual:a', 'virtual:b', '--map', '1'], '--map'],
    [['virtual:a', 'virtual:b', '--fd', 'yes'], '--fd'],
    [['virtual:a', 'virtual:b', '--one-way', '--map-back', '1=2'], '--one-way'],
    [['virtual:a', 'virtual:b,1:7FF', '--one-way'], '--one-way'],
    [['virtual:a', 'virtual:b', '--limit', '0'], '--limit'],
  ] as const) {
    it(`rejects ${args.join(' ')} with exit code 2`, async () => {
      const { code, stderr } = await cli('bridge', ...args);
      expect(code).to.equal(2);
      expect(stderr).to.include(message);
    });
  }

  it('fails with a hint when an interface does not exist', async () => {
    const { code, stderr } = await cli('bridge', 'nocan0', 'nocan1');
    expect(code).to.equal(1);
    expect(stderr).to.match(/^socketcan bridge: .*(ENODEV|EAFNOSUPPORT|EPROTONOSUPPORT)/);
  });
});
