import { expect } from 'chai';
import { EAGAIN, ENETDOWN, ENETRESET, ENETUNREACH, ENODEV, ENXIO } from '../../src/libc/errno';
import { errorName } from '../../src/libc/errors';
import { ConnectionBench } from '../support/fakes/connection';
import { change } from '../support/fakes/link-source';
import { collectUncaught } from '../support/processes/process';
import { classicBytes } from '../support/traffic/pairs';

describe('Connection.send', () => {
  let bench: ConnectionBench;

  afterEach(() => bench.end());

  it('returns the number of messages that the kernel accepted, or its error', () => {
    bench = new ConnectionBench();
    bench.endpoint.answers.push(2, -EAGAIN);
    expect(bench.connection.send('a', 3)).to.equal(2);
    expect(bench.connection.send('b', 3)).to.equal(-EAGAIN);
    expect(bench.endpoint.offers).to.deep.equal(['a', 'b']);
    expect(bench.source.attempts).to.equal(0);
  });

  for (const errno of [ENETDOWN, ENETRESET, ENETUNREACH]) {
    const name = errorName(errno);

    it(`tries once more after ${name}, which may be older than the link`, () => {
      bench = new ConnectionBench();
      bench.endpoint.answers.push(-errno, 3);
      expect(bench.connection.send('a', 3)).to.equal(3);
      expect(bench.endpoint.offers).to.deep.equal(['a', 'a']);
      expect(bench.source.attempts).to.equal(0);
    });

    it(`returns -ENETDOWN after ${name} twice, and starts to follow the link`, async () => {
      bench = new ConnectionBench();
      bench.endpoint.answers.push(-errno, -errno);
      bench.endpoint.current = 'down';
      expect(bench.connection.send('a', 3)).to.equal(-ENETDOWN);
      expect(bench.endpoint.offers).to.deep.equal(['a', 'a']);
      expect(bench.connection.link).to.equal('up');
      await bench.until('down');
      expect(bench.source.attempts).to.equal(1);
    });
  }

  it('follows the link later after EMFILE', async () => {
    bench = new ConnectionBench();
    bench.refuseSource('EMFILE');
    bench.endpoint.answers.push(-ENETDOWN, -ENETDOWN);
    bench.endpoint.current = 'down';
    expect(bench.connection.send('a', 1)).to.equal(-ENETDOWN);
    await bench.settle();
    bench.source.refusal = undefined;
    await bench.clock.advance(100_000_000n);
    expect(bench.source.subscriptions).to.have.length(1);
    expect(bench.log).to.deep.equal(['down']);
  });

  it("reports 'up' after it sent without a source of link changes, but not inside of the call", async () => {
    bench = new ConnectionBench({ link: 'down' });
    bench.endpoint.answers.push(-EAGAIN);
    bench.connection.send('a', 1);
    await bench.settle();
    expect(bench.log).to.deep.equal([]);
    bench.connection.send('a', 1);
    expect(bench.log).to.deep.equal([]);
    await bench.settle();
    expect(bench.log).to.deep.equal(['up']);
  });

  it("makes an exception of the listener of 'up' uncaught", async () => {
    bench = new ConnectionBench({ link: 'down' });
    const error = new Error('from a listener');
    bench.onEntry = () => {
      throw error;
    };
    const uncaught = await collectUncaught(async () => {
      expect(bench.connection.send('a', 1)).to.equal(1);
      await bench.settle();
    });
    expect(uncaught).to.deep.equal([error]);
  });

  it('leaves the link to its source after a send', async () => {
    bench = new ConnectionBench({ link: 'down' });
    bench.endpoint.current = 'down';
    bench.connection.watch();
    expect(bench.connection.send('a', 1)).to.equal(1);
    await bench.settle();
    expect(bench.log).to.deep.equal([]);
  });

  it('returns -ENETDOWN after a fatal error, delivers the queued frames, and reopens the interface', async () => {
    bench = new ConnectionBench();
    bench.connection.receive();
    await bench.settle();
    bench.endpoint.pair.send(classicBytes(1));
    bench.endpoint.answers.push(-ENXIO);
    expect(bench.connection.send('a', 1)).to.equal(-ENETDOWN);
    expect(bench.endpoint.offers).to.deep.equal(['a']);
    await bench.until('up');
    expect(bench.log).to.deep.equal(['1', 'gone', 'back', 'up']);
    expect(bench.connection.send('b', 1)).to.equal(1);
    expect(bench.endpoint.offers).to.deep.equal(['b']);
  });

  it('returns -ENETDOWN while the interface is gone', async () => {
    bench = new ConnectionBench();
    bench.connection.watch();
    await bench.settle();
    bench.refusal = ENODEV;
    bench.source.report(change(3, 'gone'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['gone']);
    expect(bench.connection.send('a', 1)).to.equal(-ENETDOWN);
    expect(bench.endpoint.offers).to.deep.equal([]);
  });

  for (const [count, syscall] of [
    [1, 'send'],
    [2, 'sendmmsg'],
  ] as const) {
    it(`fails with the error of ${syscall}(2) without reopen`, async () => {
      bench = new ConnectionBench({ reopen: false });
      bench.endpoint.answers.push(-ENODEV);
      expect(bench.connection.send('a', count)).to.equal(-ENODEV);
      expect(bench.log).to.deep.equal([]);
      await bench.settle();
      expect(bench.log).to.deep.equal(['gone', 'failure ENODEV']);
      expect(bench.errors[0]).to.include({ code: 'ENODEV', syscall, interface: 'can0' });
      expect(bench.endpoints).to.have.length(1);
    });
  }

  it('starts to follow the link after a fatal error, to learn when the interface exists again', async () => {
    bench = new ConnectionBench();
    bench.endpoint.answers.push(-ENODEV);
    bench.connection.send('a', 1);
    bench.refusal = ENODEV;
    await bench.settle();
    expect(bench.source.subscriptions).to.have.length(1);
    bench.refusal = 0;
    bench.source.report(change(4, 'up'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['gone', 'back', 'up']);
  });

  it('keeps the new interface when a send on the old one failed', async () => {
    bench = new ConnectionBench();
    bench.connection.receive();
    await bench.settle();
    bench.source.miss();
    bench.endpoint.pair.fail(ENODEV);
    bench.endpoint.answers.push(-ENODEV);
    bench.connection.send('a', 1);
    await bench.settle();
    expect(bench.log).to.deep.equal(['gone', 'back', 'up']);
    expect(bench.endpoints).to.have.length(2);
  });

  it("reports 'gone' once when two sends fail", async () => {
    bench = new ConnectionBench();
    bench.endpoint.answers.push(-ENODEV, -ENODEV);
    bench.connection.send('a', 1);
    bench.connection.send('a', 1);
    await bench.settle();
    expect(bench.log).to.deep.equal(['gone', 'back', 'up']);
    expect(bench.endpoints).to.have.length(2);
  });
});
