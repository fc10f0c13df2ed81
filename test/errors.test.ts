import { expect } from 'chai';
import { SocketCANError } from '../src/errors';

describe('SocketCANError', () => {
  it('contains a code, and by default no further properties', () => {
    const error = new SocketCANError('ERR_SOCKETCAN_CLOSED', 'closed');
    expect(error).to.be.instanceOf(Error);
    expect(error).to.include({ name: 'SocketCANError', code: 'ERR_SOCKETCAN_CLOSED' });
    expect(String(error)).to.equal('SocketCANError: closed');
    for (const name of ['cause', 'interface', 'sent']) expect(name in error, name).to.equal(false);
  });

  it('keeps the given cause, interface and count, also a count of 0', () => {
    const cause = new Error('first');
    const details = { cause, interface: 'can0', sent: 0 };
    expect(new SocketCANError('ERR_SOCKETCAN_CLOSED', 'closed', details)).to.include(details);
  });
});
