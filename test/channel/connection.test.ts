import { expect } from 'chai';
import { EFD_CLOEXEC, EFD_NONBLOCK } from '../../src/libc/constants';
import { EMSGSIZE, ENETDOWN, ENODEV, ENOLINK } from '../../src/libc/errno';
import { Connection } from '../../src/channel/connection';
import { check } from '../../src/libc/errors';
import { eventfd } from '../../src/libc/eventfd';
import { close } from '../../src/libc/file';
import { ConnectionBench } from '../support/fakes/connection';
import { change, timeAt } from '../support/fakes/link-source';
import { collectUncaught } from '../support/processes/process';
import { thrown } from '../support/asserts/thrown';
import { classicBytes } from '../support/traffic/pairs';

/** Puts frames of these numbers on the bus. */
function put({ endpoint }: ConnectionBench, ...numbers: readonly number[]): void {
  for (const number of numbers) endpoint.pair.send(classicBytes(number));
}

describe('Connection', () => {
  let bench: ConnectionBench;

  /** Opens a connection that receives, and waits until it has queried the link. */
  async function receiving(options: ConstructorParameters<typeof ConnectionBench>[0] = {}): Promise<void> {
    bench = new ConnectionBench(options);
    bench.connection.receive();
    await bench.settle();
  }

  afterEach(() => bench.end());

  it('opens the interface with the options of the socket, and takes the first link from it', () => {
    for (const link of ['up', 'down'] as const) {
      bench = new ConnectionBench({ link });
      const { connection, endpoint, endpoints } = bench;
      expect(endpoints).to.have.length(1);
      expect(connection.endpoint).to.equal(endpoint);
      const { interfaceName, receiveBufferSize, timestamps, drops } = connection;
      expect({ interfaceName, receiveBufferSize, timestamps, drops, link: connection.link }).to.deep.equal({
        interfaceName: 'can0',
        receiveBufferSize: 1000,
        timestamps: 'software',
        drops: 0,
        link,
      });
      expect(bench.log).to.deep.equal([]);
    }
  });

  it('throws the error of opening', () => {
    bench = new ConnectionBench();
    const error = new Error('refused');
    const options = {
      interfaceName: 'can0',
      poller: 'loop',
      coalesceMs: 0,
      reopen: true,
      open: (): never => {
        throw error;
      },
      watchLinks: () => expect.fail('subscribed'),
    } as const;
    expect(thrown(() => new Connection(options, bench))).to.equal(error);
  });

  it('delivers frames from the call of receive() on', async () => {
    bench = new ConnectionBench();
    put(bench, 1, 2);
    await bench.settle();
    expect(bench.log).to.deep.equal([]);
    bench.connection.receive();
    bench.connection.receive();
    put(bench, 3);
    await bench.until('3');
    expect(bench.log).to.deep.equal(['1', '2', '3']);
  });

  for (const link of ['down', 'gone'] as const) {
    it(`delivers the frames that are queued before it reports '${link}'`, async () => {
      await receiving();
      put(bench, 1, 2, 3);
      bench.source.report(change(3, link));
      expect(bench.log).to.deep.equal([]);
      await bench.until(link);
      expect(bench.log.slice(0, 4)).to.deep.equal(['1', '2', '3', link]);
    });
  }

  it("reports 'up' before the frames that follow", async () => {
    await receiving({ link: 'down' });
    put(bench, 1);
    bench.source.report(change(3, 'up'));
    await bench.until('1');
    expect(bench.log).to.deep.equal(['up', '1']);
    expect(bench.connection.link).to.equal('up');
  });

  it('reports a state once', async () => {
    await receiving();
    bench.source.report(change(3, 'up'), change(3, 'down'), change(3, 'down'), change(3, 'up'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['down', 'up']);
  });

  it('reports times that never decrease, although those of its source do', async () => {
    await receiving();
    bench.source.report(
      change(3, 'down', timeAt(2000n)),
      change(3, 'up', timeAt(1999n)),
      change(3, 'down', timeAt(2001n)),
      change(3, 'up', timeAt(2001n)),
    );
    await bench.settle();
    expect(bench.times).to.deep.equal([2000n, 2000n, 2001n, 2001n]);
  });

  it("starts to follow the link when receiving fails with ENETDOWN, and reports 'down' after the frames", async () => {
    await receiving();
    bench.source.end();
    put(bench, 1);
    bench.endpoint.pair.fail(ENETDOWN);
    put(bench, 2);
    bench.endpoint.current = 'down';
    await bench.until('down');
    expect(bench.log).to.deep.equal(['1', '2', 'down']);
    expect(bench.source.attempts).to.equal(2);
  });

  it('reports another error once, and goes on', async () => {
    await receiving();
    put(bench, 1);
    bench.endpoint.pair.fail(EMSGSIZE);
    await bench.until('error EMSGSIZE');
    put(bench, 2);
    await bench.until('2');
    expect(bench.log).to.deep.equal(['1', 'error EMSGSIZE', '2']);
    expect(bench.errors[0]).to.include({ errno: -EMSGSIZE, syscall: 'recvmmsg', interface: 'can0' });
  });

  it('fails when receiving fails eight times in a row', async () => {
    bench = new ConnectionBench();
    const noSocket = check(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC), 'eventfd');
    bench.endpoint.fd = noSocket;
    bench.connection.receive();
    await bench.until('failure ENOTSOCK');
    await bench.end();
    close(noSocket);
    expect(bench.log).to.deep.equal(['failure ENOTSOCK']);
    expect(bench.errors[0]).to.include({ syscall: 'recvmmsg', interface: 'can0' });
  });

  for (const [name, errno] of [
    ['ENODEV', ENODEV],
    ['ENOLINK', ENOLINK],
  ] as const) {
    it(`reports 'gone' when receiving fails with ${name}, and reopens the interface`, async () => {
      await receiving();
      put(bench, 1);
      bench.endpoint.pair.fail(errno);
      await bench.until('up');
      expect(bench.log).to.deep.equal(['1', 'gone', 'back', 'up']);
      expect(bench.errors).to.deep.equal([]);
    });
  }

  it('makes an exception of the listener uncaught, and reports the changes that follow', async () => {
    await receiving();
    const error = new Error('from a listener');
    bench.onEntry = (entry) => {
      if (entry !== 'up') throw error;
    };
    const uncaught = await collectUncaught(async () => {
      bench.source.report(change(3, 'down'), change(3, 'gone'));
      await bench.until('up');
      await bench.settle();
    });
    expect(bench.log).to.deep.equal(['down', 'gone', 'back', 'up']);
    expect(uncaught).to.deep.equal([error, error, error]);
  });

  it("reports 'up' for traffic only without a source of link changes", () => {
    bench = new ConnectionBench({ link: 'down' });
    bench.endpoint.current = 'down';
    bench.refuseSource('EOPNOTSUPP');
    bench.connection.receive();
    bench.connection.onTraffic(timeAt(5n));
    expect(bench.log).to.deep.equal(['up']);
    bench.connection.onTraffic(timeAt(6n));
    expect(bench.log).to.deep.equal(['up']);
  });

  it('leaves it to the source of link changes to report what traffic suggests', async () => {
    bench = new ConnectionBench({ link: 'down' });
    bench.endpoint.current = 'down';
    bench.connection.receive();
    bench.connection.onTraffic(timeAt(5n));
    await bench.settle();
    expect(bench.log).to.deep.equal([]);
  });

  it('polls the link without netlink', async () => {
    bench = new ConnectionBench({ link: 'down' });
    bench.endpoint.current = 'down';
    bench.refuseSource('EOPNOTSUPP');
    bench.connection.receive();
    await bench.settle();
    bench.endpoint.current = 'up';
    await bench.clock.advance(100_000_000n);
    await bench.until('up');
    expect(bench.log).to.deep.equal(['up']);
  });

  it('throws EMFILE when it cannot follow the link, and receives on the next call', async () => {
    bench = new ConnectionBench();
    bench.refuseSource('EMFILE');
    const { refusal } = bench.source;
    for (const name of ['receive', 'watch'] as const) {
      const error = thrown(() => {
        bench.connection[name]();
      });
      expect(error, name).to.equal(refusal);
    }
    bench.source.refusal = undefined;
    put(bench, 1);
    bench.connection.receive();
    await bench.until('1');
    expect(bench.connection.endpoint).to.equal(bench.endpoint);
  });
});
