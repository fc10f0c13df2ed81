import { EventEmitter } from 'node:events';

type EventMap<T> = Record<keyof T, unknown[]>;

/**
 * An emitter that knows when somebody begins to listen: what an event needs (a thread, a subscription) is
 * not there before. Removing all listeners does not remove that.
 */
export abstract class ListeningEmitter<T extends EventMap<T>> extends EventEmitter<T> {
  constructor() {
    super();
    this.#watch();
  }

  /** Called before each listener is added; what it throws keeps it from being added. */
  protected abstract listenerIsComing(event: string | symbol): void;

  override removeAllListeners(...args: Parameters<EventEmitter<T>['removeAllListeners']>): this {
    super.removeAllListeners(...args);
    this.#watch();
    return this;
  }

  #watch(): void {
    const emitter = this as EventEmitter;
    if (emitter.listenerCount('newListener', this.#onNewListener) > 0) return;
    emitter.on('newListener', this.#onNewListener);
  }

  readonly #onNewListener = (event: string | symbol): void => {
    this.listenerIsComing(event);
  };
}
