import { expect } from 'chai';
import { EBUSY, ENODEV } from '../../src/libc/errno';
import { ConnectionBench } from '../support/fakes/connection';
import { change } from '../support/fakes/link-source';
import { classicBytes } from '../support/traffic/pairs';

const MS = 1_000_000n;

describe('a Connection whose interface is removed', () => {
  let bench: ConnectionBench;

  /** Opens a connection that follows the link; its interface is removed and does not exist again yet. */
  async function gone(start: (bench: ConnectionBench) => void): Promise<void> {
    bench = new ConnectionBench();
    start(bench);
    await bench.settle();
    bench.refusal = ENODEV;
    bench.source.report(change(3, 'gone'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['gone']);
    bench.log.splice(0);
  }

  const receive = ({ connection }: ConnectionBench): void => {
    connection.receive();
  };
  const watch = ({ connection }: ConnectionBench): void => {
    connection.watch();
  };

  /** Another interface of the same name exists now, with this index. */
  function restore(index = 4): void {
    bench.refusal = 0;
    bench.index = index;
    bench.source.report(change(index, 'down'));
  }

  afterEach(() => bench.end());

  it('closes its socket, and has no endpoint', async () => {
    await gone(receive);
    expect(bench.endpoint.closed).to.equal(true);
    expect(bench.connection.endpoint).to.equal(undefined);
    expect(bench.connection.link).to.equal('gone');
    await bench.connection.drain();
  });

  it('reopens the interface by name with the options of that moment', async () => {
    await gone(receive);
    expect(bench.connection).to.include({ receiveBufferSize: 1000, timestamps: 'software' });
    bench.options = { receiveBufferSize: 5000, timestamps: 'hardware' };
    restore();
    await bench.until('up');
    expect(bench.log).to.deep.equal(['back', 'up']);
    expect(bench.connection).to.include({ receiveBufferSize: 5000, timestamps: 'hardware', link: 'up' });
    expect(bench.connection.endpoint).to.equal(bench.endpoints[1]);
  });

  it("is down after 'back' until the link is up", async () => {
    await gone(receive);
    bench.link = 'down';
    bench.onEntry = () => bench.log.push(bench.connection.link);
    restore();
    await bench.settle();
    bench.source.report(change(4, 'up'));
    expect(bench.log).to.deep.equal(['back', 'down', 'up', 'up']);
  });

  it('receives from the new interface', async () => {
    await gone(receive);
    restore();
    await bench.until('up');
    bench.endpoint.pair.send(classicBytes(7));
    await bench.until('7');
  });

  it('receives from the new interface when receive() was called without one', async () => {
    await gone(watch);
    bench.connection.receive();
    restore();
    await bench.until('up');
    bench.endpoint.pair.send(classicBytes(7));
    await bench.until('7');
  });

  it('only receives after receive()', async () => {
    await gone(watch);
    restore();
    await bench.until('up');
    bench.endpoint.pair.send(classicBytes(7));
    await bench.settle();
    expect(bench.log).to.deep.equal(['back', 'up']);
  });

  it("ignores the old interface's changes when the new one has the same index", async () => {
    await gone(receive);
    bench.source.queue(change(3, 'gone'));
    restore(3);
    bench.source.report(change(3, 'gone'));
    await bench.settle();
    bench.source.deliver();
    await bench.settle();
    expect(bench.log).to.deep.equal(['back', 'up']);
    bench.source.report(change(3, 'down'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['back', 'up', 'down']);
  });

  it('reopens at once when the interface exists again before its removal is handled', async () => {
    bench = new ConnectionBench();
    bench.connection.receive();
    await bench.settle();
    bench.index = 4;
    bench.source.report(change(3, 'gone'), change(4, 'up'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['gone', 'back', 'up']);
    expect(bench.endpoints).to.have.length(2);
  });

  it('tries again later while the interface exists but cannot be opened', async () => {
    await gone(receive);
    bench.refusal = EBUSY;
    bench.source.report(change(4, 'down'));
    await bench.settle();
    expect(bench.clock.waits).to.deep.equal([100n * MS]);
    await bench.clock.advance(100n * MS);
    await bench.settle();
    expect(bench.log).to.deep.equal([]);
    bench.refusal = 0;
    await bench.clock.advance(200n * MS);
    await bench.until('up');
    expect(bench.log).to.deep.equal(['back', 'up']);
  });

  it('waits for a notification while the interface does not exist', async () => {
    await gone(receive);
    expect(bench.clock.waits).to.deep.equal([]);
  });

  it('polls for the interface without netlink', async () => {
    bench = new ConnectionBench();
    bench.refuseSource('EOPNOTSUPP');
    bench.connection.receive();
    await bench.settle();
    bench.refusal = ENODEV;
    bench.endpoint.pair.fail(ENODEV);
    await bench.until('gone');
    await bench.settle();
    bench.refusal = 0;
    await bench.clock.advance(100n * MS);
    await bench.until('up');
    expect(bench.log).to.deep.equal(['gone', 'back', 'up']);
  });

  it('adds up the drops of all its sockets', async () => {
    bench = new ConnectionBench();
    bench.connection.watch();
    await bench.settle();
    bench.endpoint.dropped = 3;
    expect(bench.connection.drops).to.equal(3);
    bench.source.report(change(3, 'gone'));
    await bench.until('up');
    expect(bench.connection.drops).to.equal(3);
    bench.endpoint.dropped = 2;
    expect(bench.connection.drops).to.equal(5);
    bench.endpoint.dropped = undefined;
    expect(bench.connection.drops).to.equal(3);
    bench.endpoint.dropped = 4;
    await bench.connection.close();
    await bench.connection.close();
    expect(bench.connection.drops).to.equal(7);
  });

  it('keeps the process alive by its subscription only while the interface is gone', async () => {
    const referenced = () => bench.source.current?.referenced;
    bench = new ConnectionBench();
    bench.connection.receive();
    await bench.settle();
    expect(referenced(), 'open').to.equal(false);
    bench.refusal = ENODEV;
    bench.source.report(change(3, 'gone'));
    await bench.settle();
    expect(referenced(), 'gone').to.equal(true);
    bench.connection.setReferenced(false);
    expect(referenced(), 'unreferenced').to.equal(false);
    bench.connection.setReferenced(true);
    expect(referenced(), 'referenced').to.equal(true);
    restore();
    await bench.until('up');
    expect(referenced(), 'reopened').to.equal(false);
  });

  it('does not keep the process alive when the user does not receive', async () => {
    await gone(({ connection }) => {
      connection.receive(false);
    });
    expect(bench.source.current?.referenced).to.equal(false);
    bench.connection.receive();
    expect(bench.source.current?.referenced).to.equal(true);
  });

  it('fails without reopen, after the frames that are queued', async () => {
    bench = new ConnectionBench({ reopen: false });
    bench.connection.receive();
    await bench.settle();
    bench.endpoint.pair.send(classicBytes(1));
    bench.source.report(change(3, 'gone'), change(4, 'up'));
    await bench.until('failure ENODEV');
    await bench.settle();
    expect(bench.log).to.deep.equal(['1', 'gone', 'failure ENODEV']);
    expect(bench.errors[0]).to.include({ syscall: 'rtnetlink', interface: 'can0', hint: 'the interface was removed' });
    expect(bench.endpoints).to.have.length(1);
  });
});

describe('Connection.close', () => {
  let bench: ConnectionBench;

  beforeEach(async () => {
    bench = new ConnectionBench();
    bench.connection.receive();
    await bench.settle();
  });
  afterEach(() => bench.end());

  it('closes the socket after the poller has released it, and removes the subscription', async () => {
    const closing = bench.connection.close();
    expect(bench.endpoint.closed).to.equal(false);
    await closing;
    expect(bench.endpoint.closed).to.equal(true);
    expect(bench.source.current).to.equal(undefined);
    expect(bench.connection.endpoint).to.equal(undefined);
  });

  it('ends all calls of the listener, also for what is queued', async () => {
    bench.endpoint.pair.send(classicBytes(1));
    bench.source.report(change(3, 'down'), change(3, 'gone'));
    await bench.connection.close();
    bench.connection.receive();
    bench.connection.watch();
    await bench.settle();
    expect(bench.log).to.deep.equal([]);
    expect(bench.source.attempts).to.equal(1);
  });

  for (const [entry, log] of [
    ['1', ['1']],
    ['down', ['1', 'down']],
    ['gone', ['1', 'down', 'gone']],
    ['back', ['1', 'down', 'gone', 'back']],
  ] as const) {
    it(`ends all calls when the listener of '${entry}' closes the connection`, async () => {
      bench.onEntry = (each) => {
        if (each === entry) void bench.connection.close();
      };
      bench.endpoint.pair.send(classicBytes(1));
      if (entry === '1') bench.endpoint.pair.send(classicBytes(2));
      bench.source.report(change(3, 'down'), change(3, 'gone'));
      await bench.until(entry);
      await bench.settle();
      expect(bench.log).to.deep.equal(log);
      expect(bench.endpoints.map(({ closed }) => closed)).to.not.include(false);
      expect(bench.clock.waits).to.deep.equal([]);
    });
  }

  it('does not reopen the interface when it is closed during a query', async () => {
    bench.refusal = ENODEV;
    bench.source.report(change(3, 'gone'));
    await bench.settle();
    bench.refusal = 0;
    bench.source.onDrain = () => void bench.connection.close();
    bench.source.miss();
    await bench.settle();
    expect(bench.log).to.deep.equal(['gone']);
    expect(bench.endpoints).to.have.length(1);
  });

  it("does not fail when the listener of 'gone' closes the connection without reopen", async () => {
    await bench.end();
    bench = new ConnectionBench({ reopen: false });
    bench.connection.receive();
    await bench.settle();
    bench.onEntry = () => void bench.connection.close();
    bench.source.report(change(3, 'gone'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['gone']);
  });
});
