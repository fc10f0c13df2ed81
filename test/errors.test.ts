import { expect } from 'chai';
import { invalidArgument, SocketCANError } from '../src/errors';

describe('SocketCANError', () => {
  it('is an error with a code, and nothing it was not given', () => {
    const error = new SocketCANError('ERR_SOCKETCAN_CLOSED', 'closed');
    expect(error).to.be.instanceOf(Error);
    expect(error).to.include({ name: 'SocketCANError', code: 'ERR_SOCKETCAN_CLOSED' });
    expect(String(error)).to.equal('SocketCANError: closed');
    for (const name of ['cause', 'interface', 'sent']) expect(name in error, name).to.equal(false);
  });

  it('has the cause, the interface and the count it was given, 0 too', () => {
    const cause = new Error('first');
    const details = { cause, interface: 'can0', sent: 0 };
    expect(new SocketCANError('ERR_SOCKETCAN_CLOSED', 'closed', details)).to.include(details);
  });
});

describe('invalidArgument', () => {
  it('gives an error its code and a stack that begins where it was made', () => {
    const error = new RangeError('too much');
    const coded = invalidArgument(error, 'ERR_SOCKETCAN_INVALID_OPTION');
    expect(coded).to.equal(error);
    expect(coded.code).to.equal('ERR_SOCKETCAN_INVALID_OPTION');
    expect(coded.stack?.split('\n')[1]).to.contain('errors.test');
  });
});
