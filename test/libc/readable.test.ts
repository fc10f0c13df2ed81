import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { EAGAIN } from '../../src/libc/errno';
import { read } from '../../src/libc/file';
import { canWatch, watchReadable } from '../../src/libc/readable';
import { thrown } from '../support/asserts/thrown';
import { classicBytes, Pair } from '../support/traffic/pairs';

/** Waits for some turns of the event loop, in which it also polls descriptors. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}

describe('watchReadable', () => {
  before(function () {
    if (!canWatch()) this.skip();
  });

  it('calls back in each turn of the event loop while there is something to read', async () => {
    using pair = new Pair();
    let calls = 0;
    const watch = watchReadable(pair.near, () => calls++);
    try {
      await turns(3);
      expect(calls).to.equal(0);
      pair.send(classicBytes(1));
      await turns(5);
      expect(calls).to.be.at.least(3);
      const bytes = new Uint8Array(16);
      expect([read(pair.near, bytes), read(pair.near, bytes)]).to.deep.equal([16, -EAGAIN]);
      await turns(1);
      const before = calls;
      await turns(3);
      expect(calls).to.equal(before);
    } finally {
      watch.close();
    }
  });

  it('does not call back between pause() and resume()', async () => {
    using pair = new Pair();
    let calls = 0;
    const watch = watchReadable(pair.near, () => calls++);
    try {
      watch.pause();
      pair.send(classicBytes(1));
      await turns(3);
      expect(calls).to.equal(0);
      watch.resume();
      await turns(3);
      expect(calls).to.be.greaterThan(0);
    } finally {
      watch.close();
    }
  });

  it('calls back once for a pending error, and continues after resume()', async () => {
    using pair = new Pair();
    let calls = 0;
    const watch = watchReadable(pair.near, () => calls++);
    try {
      pair.resetFar();
      await turns(3);
      expect(calls).to.equal(1);
      expect(read(pair.near, new Uint8Array(16))).to.be.lessThan(0);
      watch.resume();
      await turns(3);
      expect(calls).to.be.greaterThan(1);
    } finally {
      watch.close();
    }
  });

  it('does not call back after close(), whatever is called then', async () => {
    using pair = new Pair();
    let calls = 0;
    const watch = watchReadable(pair.near, () => calls++);
    pair.send(classicBytes(1));
    watch.close();
    watch.close();
    watch.setReferenced(true);
    await turns(3);
    expect(calls).to.equal(0);
  });

  it('listens for the exit of the process only while a descriptor is watched', () => {
    using pair = new Pair();
    using other = new Pair();
    const before = process.listenerCount('exit');
    const watches = [pair, other].map(({ near }) => watchReadable(near, () => undefined));
    expect(process.listenerCount('exit')).to.be.at.most(before + 1);
    for (const watch of watches) watch.close();
    expect(process.listenerCount('exit')).to.equal(before);
  });

  it('throws for a wrong descriptor', () => {
    expect(thrown(() => watchReadable(-1, () => undefined))).to.be.instanceOf(RangeError);
    expect(thrown(() => watchReadable(1.5, () => undefined))).to.be.instanceOf(RangeError);
  });
});
