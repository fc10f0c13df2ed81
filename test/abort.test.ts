import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import { abortError, onAbort } from '../src/abort';

describe('abortError', () => {
  it('returns an AbortError like those of Node.js, with the reason as its cause and the details', () => {
    const reason = new Error('why');
    const error = abortError(AbortSignal.abort(reason), { sent: 3 });
    expect(error).to.be.instanceOf(Error);
    expect(error).to.include({ name: 'AbortError', code: 'ABORT_ERR', cause: reason, sent: 3 });
    expect(String(error)).to.equal('AbortError: The operation was aborted');
  });

  it('keeps any reason as the cause, also one that is not an error', () => {
    expect(abortError(AbortSignal.abort(), {}).cause).to.have.property('name', 'AbortError');
    expect(abortError(AbortSignal.abort('late'), {}).cause).to.equal('late');
    expect(abortError(AbortSignal.abort(0), {}).cause).to.equal(0);
  });

  it('returns an error whose stack begins with its name and its caller', () => {
    function maker(): Error {
      return abortError(AbortSignal.abort(), {});
    }
    const lines = maker().stack?.split('\n') ?? [];
    expect(lines[0]).to.equal('AbortError: The operation was aborted');
    expect(lines[1]).to.contain('maker');
  });
});

describe('onAbort', () => {
  it('calls all callbacks of a signal once, with one listener on the signal', () => {
    const controller = new AbortController();
    const called: number[] = [];
    const undo = Array.from({ length: 20 }, (_, i) => onAbort(controller.signal, () => called.push(i)));
    expect(getEventListeners(controller.signal, 'abort')).to.have.lengthOf(1);
    undo[3]?.();
    controller.abort();
    expect(called).to.deep.equal([...Array(20).keys()].filter((i) => i !== 3));
    expect(getEventListeners(controller.signal, 'abort')).to.have.lengthOf(0);
  });

  it('removes its listener with the last callback, and can be used again', () => {
    const controller = new AbortController();
    const undo = [1, 2].map(() => onAbort(controller.signal, () => undefined));
    for (const each of undo) each();
    expect(getEventListeners(controller.signal, 'abort')).to.have.lengthOf(0);
    let called = 0;
    onAbort(controller.signal, () => called++);
    controller.abort();
    controller.abort();
    expect(called).to.equal(1);
  });

  it('does not call a callback that an earlier one removed', () => {
    const controller = new AbortController();
    let called = 0;
    onAbort(controller.signal, () => {
      undo();
    });
    const undo = onAbort(controller.signal, () => called++);
    controller.abort();
    expect(called).to.equal(0);
  });
});
