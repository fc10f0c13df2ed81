import { expect } from 'chai';
import { abortError } from '../src/abort';

describe('abortError', () => {
  it('is like the errors of Node.js itself, with the reason as its cause, and the details', () => {
    const reason = new Error('why');
    const error = abortError(AbortSignal.abort(reason), { sent: 3 });
    expect(error).to.be.instanceOf(Error);
    expect(error).to.include({ name: 'AbortError', code: 'ABORT_ERR', cause: reason, sent: 3 });
    expect(String(error)).to.equal('AbortError: The operation was aborted');
  });

  it('has any reason there is, also one that is no error', () => {
    expect(abortError(AbortSignal.abort(), {}).cause).to.have.property('name', 'AbortError');
    expect(abortError(AbortSignal.abort('late'), {}).cause).to.equal('late');
    expect(abortError(AbortSignal.abort(0), {}).cause).to.equal(0);
  });

  it('has a stack that begins with its name and where it was made', () => {
    function maker(): Error {
      return abortError(AbortSignal.abort(), {});
    }
    const lines = maker().stack?.split('\n') ?? [];
    expect(lines[0]).to.equal('AbortError: The operation was aborted');
    expect(lines[1]).to.contain('maker');
  });
});
