import { closeSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { errno } from 'koffi';
import { EFD_NONBLOCK } from '../../src/libc/constants';
import { EAGAIN, EBADF, EINTR } from '../../src/libc/errno';
import { eventfd } from '../../src/libc/eventfd';
import { close, read, retryInterrupted, write } from '../../src/libc/file';

describe('retryInterrupted', () => {
  /** Returns a call that fails `times` times with this errno, and then succeeds. */
  function failing(times: number, number: number, result: number) {
    const call = () => {
      if (call.count++ < times) {
        errno(number);
        return -1;
      }
      return result;
    };
    call.count = 0;
    return call;
  }

  it('repeats a call while signals interrupt it', () => {
    const call = failing(3, EINTR, 7);
    expect(retryInterrupted(call)).to.equal(7);
    expect(call.count).to.equal(4);
  });

  it('does not repeat a call that failed for another reason', () => {
    const call = failing(1, EBADF, 7);
    expect(retryInterrupted(call)).to.equal(-EBADF);
    expect(call.count).to.equal(1);
  });

  it('does not repeat a call that succeeded and left EINTR in errno', () => {
    errno(EINTR);
    const call = failing(0, EINTR, 0);
    expect(retryInterrupted(call)).to.equal(0);
    expect(call.count).to.equal(1);
  });
});

describe('read and write', () => {
  it('transfer a count through an eventfd', () => {
    const fd = eventfd(3, EFD_NONBLOCK);
    try {
      const count = new BigUint64Array(1);
      const bytes = new Uint8Array(count.buffer);
      expect(read(fd, bytes)).to.equal(8);
      expect(count[0]).to.equal(3n);
      expect(read(fd, bytes)).to.equal(-EAGAIN);
      count[0] = 5n;
      expect([write(fd, bytes), write(fd, bytes)]).to.deep.equal([8, 8]);
      expect(read(fd, bytes)).to.equal(8);
      expect(count[0]).to.equal(10n);
    } finally {
      close(fd);
    }
  });

  it('write the whole memory, or its first bytes', () => {
    const path = join(tmpdir(), `socketcan-file-${process.pid}`);
    const fd = openSync(path, 'w');
    try {
      const bytes = new TextEncoder().encode('abcdef');
      expect([write(fd, bytes), write(fd, bytes, 2), write(fd, bytes, 0)]).to.deep.equal([6, 2, 0]);
      expect(readFileSync(path, 'utf8')).to.equal('abcdefab');
    } finally {
      closeSync(fd);
      unlinkSync(path);
    }
  });
});

describe('close', () => {
  it('frees the descriptor, and returns -EBADF the second time', () => {
    const fd = eventfd(0, 0);
    expect(fd).to.be.greaterThan(2);
    expect(close(fd)).to.equal(0);
    expect(close(fd)).to.equal(-EBADF);
  });
});
