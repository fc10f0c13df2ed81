import { expect } from 'chai';
import { parseFrame } from '../../src';
import { CLI, cli } from '../support/processes/cli';
import { until } from '../support/waiting/until';
import { newBus, Node } from './bridge-support';

describe('socketcan bridge', () => {
  it('forwards until SIGINT, and then says what became of the frames', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    const command = new CLI();
    const options = ['--map', '123=456', '--map-back', '456=123', '--fd', 'classic'];
    const ended = command.run(
      'bridge',
      ...options,
      `${a.interfaceName},100:700,18FEF100:1FFFFFFF`,
      b.interfaceName,
    );
    await until(() => command.stderr.includes('<->'), 'it is ready');
    await left.socket.send(
      ['123#01', '18FEF100##1AA', '223#', '124##0' + '00'.repeat(12)].map((t) => parseFrame(t)),
    );
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

  it('writes its account every so often, as JSON', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    const command = new CLI();
    const args = ['--json', '--stats', '100ms', '--one-way', a.interfaceName, b.interfaceName];
    const ended = command.run('bridge', ...args);
    await until(() => command.stderr.includes('->'), 'it is ready');
    await left.socket.send(parseFrame('123#'));
    await until(() => command.stdout.includes('"forwarded":1'), 'the account says it');
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

  it('tells of links, and stops two bridges that make a loop, with an account and exit code 1', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    const commands = [new CLI(), new CLI()] as const;
    const ended = commands.map((each) => each.run('bridge', a.interfaceName, b.interfaceName));
    await until(() => a.nodes === 3 && b.nodes === 2, 'both listen');
    b.down();
    await until(() => commands[0].stderr.includes(`${b.interfaceName} is down`), 'it is told');
    b.up();
    await until(() => commands[0].stderr.includes(`${b.interfaceName} is up`), 'it is told');
    await left.socket.send(parseFrame('123#DEADBEEF'));
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
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, stderr } = await cli('bridge', ...args);
      expect(code).to.equal(2);
      expect(stderr).to.include(message);
    });
  }

  it('fails with the hint of the system where there is no such interface', async () => {
    const { code, stderr } = await cli('bridge', 'nocan0', 'nocan1');
    expect(code).to.equal(1);
    expect(stderr).to.match(/^socketcan bridge: .*(ENODEV|EAFNOSUPPORT|EPROTONOSUPPORT)/);
  });
});
