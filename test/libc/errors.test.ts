import { expect } from 'chai';
import { check, errorName, systemError } from '../../src/libc/errors';
import { thrown } from '../support/asserts/thrown';

describe('errorName', () => {
  it('returns the names of the kernel documentation', () => {
    const names = [1, 4, 6, 9, 11, 19, 22, 67, 90, 92, 93, 95, 97, 100, 101, 102, 105].map(errorName);
    expect(names).to.deep.equal([
      'EPERM',
      'EINTR',
      'ENXIO',
      'EBADF',
      'EAGAIN',
      'ENODEV',
      'EINVAL',
      'ENOLINK',
      'EMSGSIZE',
      'ENOPROTOOPT',
      'EPROTONOSUPPORT',
      'EOPNOTSUPP',
      'EAFNOSUPPORT',
      'ENETDOWN',
      'ENETUNREACH',
      'ENETRESET',
      'ENOBUFS',
    ]);
  });

  it('returns the two names that POSIX and Node lack', () => {
    expect([errorName(77), errorName(119)]).to.deep.equal(['EBADFD', 'ENAVAIL']);
  });

  it('returns the number for an error without a name', () => {
    expect(errorName(999)).to.equal('E999');
  });
});

describe('systemError', () => {
  it('has the form of a system error of Node', () => {
    const error = systemError(-19, 'bind');
    expect(error).to.be.instanceOf(Error);
    expect(error).to.include({ code: 'ENODEV', errno: -19, syscall: 'bind' });
    expect(error.message).to.equal('ENODEV: no such device, bind');
    expect(error).to.not.have.any.keys('interface', 'hint');
    expect(error).to.not.have.property('cause');
  });

  it('contains the interface and the remedy as properties and in its message', () => {
    const error = systemError(-100, 'sendmmsg', { interface: 'can0', hint: 'bring it up' });
    expect(error).to.include({ interface: 'can0', hint: 'bring it up' });
    expect(error.message).to.equal("ENETDOWN: network is down, sendmmsg 'can0' (bring it up)");
  });

  it('keeps its cause', () => {
    const cause = new Error('first');
    expect(systemError(-9, 'read', { cause }).cause).to.equal(cause);
  });

  it('has a text for errors that libuv does not know', () => {
    expect(systemError(-77, 'recvmmsg').message).to.equal('EBADFD: file descriptor in bad state, recvmmsg');
    expect(systemError(-119, 'bind').message).to.match(/^ENAVAIL: no such object available, /);
    expect(systemError(-102, 'recvmmsg').message).to.match(/^ENETRESET: network dropped /);
    expect(systemError(-67, 'sendmmsg').message).to.match(/^ENOLINK: link has been severed, /);
  });

  it('says that the error number is unknown', () => {
    const error = systemError(-999, 'ioctl');
    expect(error).to.include({ code: 'E999', errno: -999 });
    expect(error.message).to.equal('E999: unknown error, ioctl');
  });

  it('has a stack that begins at its caller', () => {
    expect(systemError(-9, 'read').stack?.split('\n')[1]).to.contain('errors.test');
  });
});

describe('check', () => {
  it('returns results from 0 on', () => {
    expect([0, 1, 72].map((result) => check(result, 'read'))).to.deep.equal([0, 1, 72]);
  });

  it('throws a system error with its context for a negative result', () => {
    const error = thrown(() => check(-19, 'bind', { interface: 'can9', hint: 'look' }));
    expect(error).to.include({
      code: 'ENODEV',
      errno: -19,
      syscall: 'bind',
      interface: 'can9',
      hint: 'look',
    });
  });
});
