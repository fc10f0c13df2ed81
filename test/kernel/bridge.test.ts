import { expect } from 'chai';
import { CANSocket, parseFrame } from '../../src';
import { CLI, outcomeOf, startCLI } from '../support/processes/cli';
import { Candump, canutil, ip } from '../support/kernel/guest';
import { until } from '../support/waiting/until';

const FRAMES = process.env['SOCKETCAN_FAULTS'] === 'full' ? 5000 : 2000;

interface Account {
  readonly received: number;
  readonly forwarded: number;
  readonly filtered: number;
  readonly expired: number;
  readonly refused: number;
  readonly dropped: number;
  readonly lost: number;
}

/** A bridge command in this process, and its account. */
class RunningBridge {
  readonly #command = new CLI();
  readonly #ended: Promise<{ readonly code: number | null; readonly stdout: string }>;

  /** All of them: one that a failed test leaves running would disturb the next test. */
  static readonly all: RunningBridge[] = [];

  private constructor(args: readonly string[]) {
    this.#ended = this.#command.run('bridge', '--json', '--stats', '100ms', ...args);
    RunningBridge.all.push(this);
  }

  static async start(...args: string[]): Promise<RunningBridge> {
    const bridge = new RunningBridge(args);
    await until(() => bridge.#command.stderr.includes('->'), 'it is ready');
    return bridge;
  }

  interrupt(): void {
    this.#command.terminal.interrupt('SIGINT');
  }

  /** The latest account of one direction. */
  account(direction = 0): Account {
    const last = this.#command.stdout.trim().split('\n').at(-1) ?? '';
    const { directions } = JSON.parse(last || '{"directions":[]}') as { directions: Account[] };
    return directions[direction] ?? { ...ZERO };
  }

  async stop(): Promise<void> {
    this.interrupt();
    expect((await this.#ended).code).to.equal(0);
  }
}

const ZERO = {
  received: 0,
  forwarded: 0,
  filtered: 0,
  expired: 0,
  refused: 0,
  dropped: 0,
  lost: 0,
};

function sumOf(account: Account): number {
  const { forwarded, filtered, expired, refused, dropped } = account;
  return forwarded + filtered + expired + refused + dropped;
}

/** Removes the flag FDF (4) of CAN FD frames, which only newer kernels report. */
function plain(texts: readonly string[]): string[] {
  return texts.map((text) => text.replace(/##([4-7])/, (_, flags) => `##${Number(flags) - 4}`));
}

describe('socketcan bridge between vcan0 and vcan1', () => {
  afterEach(() => {
    for (const each of RunningBridge.all.splice(0)) each.interrupt();
  });

  it(`forwards ${FRAMES} frames of cangen each way, of all kinds, unchanged and in order`, async () => {
    const bridge = await RunningBridge.start('-r', '16M', '--timeout', '10s', 'vcan0', 'vcan1');
    const dumps = [
      await Candump.start('vcan0', '-r', '16777216'),
      await Candump.start('vcan1', '-r', '16777216'),
    ] as const;
    for (const name of ['vcan0', 'vcan1']) {
      await canutil('cangen', name, '-g', '0', '-n', String(FRAMES), '-m', '-i');
      await until(() => bridge.account(name === 'vcan0' ? 0 : 1).forwarded === FRAMES, 'all are forwarded');
    }
    const [first = [], second = []] = await Promise.all(dumps.map((dump) => dump.frames(2 * FRAMES)));
    await bridge.stop();
    for (const direction of [0, 1]) {
      const expected = { ...ZERO, received: FRAMES, forwarded: FRAMES };
      expect(bridge.account(direction)).to.include(expected);
    }
    // Each side has received its own frames and the forwarded ones, each once.
    expect(first).to.have.length(2 * FRAMES);
    expect(plain(second)).to.deep.equal(plain(first));
  });

  it('counts every frame exactly once with filters and a small receive buffer', async () => {
    const args = ['--one-way', '-r', '64k', '--limit', '200', 'vcan0,0:1', 'vcan1'];
    const bridge = await RunningBridge.start(...args);
    const listener = new CANSocket('vcan1', { receiveBufferSize: 2 ** 25 });
    listener.on('frames', () => undefined);
    await canutil('cangen', 'vcan0', '-g', '0', '-n', String(FRAMES), '-I', 'i', '-i');
    await until(() => {
      const { received, lost } = bridge.account();
      return received + lost === FRAMES;
    }, 'all are received or lost');
    await bridge.stop();
    const account = bridge.account();
    expect(account.received + account.lost).to.equal(FRAMES);
    expect(sumOf(account)).to.equal(account.received);
    expect(account.filtered).to.be.above(0);
    expect(account.forwarded).to.be.above(0);
    await until(() => listener.statistics.received === account.forwarded, 'the forwarded frames have arrived');
    await listener.close();
  });

  it('expires frames while the other side is down, and forwards again when it is up', async () => {
    const bridge = await RunningBridge.start('--timeout', '300ms', 'vcan0', 'vcan1');
    ip('link', 'set', 'vcan1', 'down');
    await canutil('cangen', 'vcan0', '-g', '0', '-n', '100');
    await until(() => bridge.account().expired === 100, 'they expire');
    ip('link', 'set', 'vcan1', 'up');
    await canutil('cangen', 'vcan0', '-g', '1', '-n', '100');
    await until(() => bridge.account().received === 200, 'all are received');
    await bridge.stop();
    const account = bridge.account();
    expect(sumOf(account)).to.equal(200);
    expect(account.expired + account.forwarded).to.equal(200);
    expect(account.forwarded).to.be.above(0);
  });

  it('fails when a second process forwards between the same interfaces', async () => {
    const children = [1, 2].map(() => startCLI(['bridge', 'vcan0', 'vcan1']));
    const ended = children.map(outcomeOf);
    await Promise.all(
      children.map(
        (child) =>
          new Promise<void>((resolve) => {
            child.stderr?.on('data', (text: string) => {
              if (text.includes('<->')) resolve();
            });
          }),
      ),
    );
    const sender = new CANSocket('vcan0');
    // Enough frames for a machine so slow that each circulates only a few times per second.
    await sender.send(Array.from({ length: 50 }, (_, n) => parseFrame(`1${n + 10}#DEADBEEF`)));
    const { code, stdout, stderr } = await Promise.race(ended);
    expect(stdout).to.match(/received \d+ = forwarded/);
    expect(stderr).to.match(/there is a loop/);
    expect(code).to.equal(1);
    for (const child of children) child.kill('SIGINT');
    await Promise.all(ended);
    await sender.close();
  });
});
