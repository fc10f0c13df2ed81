import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import { ListeningEmitter } from '../../src/channel/listening-emitter';
import { thrown } from '../support/asserts/thrown';

interface Events {
  frames: [number];
  close: [];
}

/** Records each call of beforeListener(), with the number of listeners at that moment. */
class Emitter extends ListeningEmitter<Events> {
  readonly coming: string[] = [];
  refuses: string | undefined;

  protected override beforeListener(event: string | symbol): void {
    if (this.refuses === event) throw new Error(`no ${event}`);
    const name = String(event);
    this.coming.push(`${name} ${this.listenerCount(name as keyof Events)}`);
  }
}

const ignore = (): void => undefined;

describe('ListeningEmitter', () => {
  it('calls beforeListener() before it adds a listener, with every method', () => {
    const emitter = new Emitter();
    emitter.on('frames', ignore);
    emitter.addListener('frames', ignore);
    emitter.once('close', ignore);
    emitter.prependListener('frames', ignore);
    emitter.prependOnceListener('close', ignore);
    expect(emitter.coming).to.deep.equal(['frames 0', 'frames 1', 'close 0', 'frames 2', 'close 1']);
  });

  it('does not call beforeListener() when it is created or when a listener is removed', () => {
    const emitter = new Emitter();
    expect(emitter.coming).to.deep.equal([]);
    emitter.on('frames', ignore).off('frames', ignore);
    expect(emitter.coming).to.deep.equal(['frames 0']);
  });

  it('does not add a listener when beforeListener() throws', () => {
    const emitter = new Emitter();
    emitter.refuses = 'frames';
    expect(thrown(() => emitter.on('frames', ignore)).message).to.equal('no frames');
    expect(emitter.listenerCount('frames')).to.equal(0);
    emitter.refuses = undefined;
    emitter.on('frames', ignore);
    expect(emitter.listenerCount('frames')).to.equal(1);
    expect(emitter.emit('frames', 1)).to.equal(true);
  });

  it('still calls beforeListener() after removeAllListeners(), with and without an event', () => {
    const emitter = new Emitter();
    const removals: (() => unknown)[] = [
      () => emitter.removeAllListeners('frames'),
      () => emitter.removeAllListeners(),
      () => emitter.removeAllListeners('newListener'),
      () => emitter.removeAllListeners().removeAllListeners(),
    ];
    for (const remove of removals) {
      emitter.on('frames', ignore);
      expect(remove()).to.equal(emitter);
      emitter.coming.length = 0;
      emitter.on('close', ignore);
      expect(emitter.coming, 'once, not twice').to.have.length(1);
    }
  });

  it('removes all listeners of one event, or of all events', () => {
    const emitter = new Emitter();
    emitter.on('frames', ignore).on('close', ignore);
    emitter.removeAllListeners('frames');
    expect([emitter.listenerCount('frames'), emitter.listenerCount('close')]).to.deep.equal([0, 1]);
    emitter.removeAllListeners();
    expect(emitter.emit('close')).to.equal(false);
  });

  it("emits 'newListener' for listeners of its user", () => {
    const emitter = new Emitter();
    const added: unknown[] = [];
    (emitter as EventEmitter).on('newListener', (event) => added.push(event));
    emitter.on('close', ignore);
    expect(added).to.deep.equal(['close']);
  });
});
