import { EventEmitter } from 'node:events';

type EventMap<T> = Record<keyof T, unknown[]>;

/**
 * An emitter that learns of each new listener, so that it can start what an event needs (a thread, a subscription)
 * only then. removeAllListeners() does not stop that.
 */
export abstract class ListeningEmitter<T extends EventMap<T>> extends EventEmitter<T> {
  constructor() {
    super();
    this.#watch();
  }

  override removeAllListeners(...args: Parameters<EventEmitter<T>['removeAllListeners']>): this {
    super.removeAllListeners(...args);
    this.#watch();
    return this;
  }

  /** Runs before a listener is added. If it throws, the listener is not added. */
  protected abstract beforeListener(event: string | symbol): void;

  readonly #onNewListener = (event: string | symbol): void => {
    this.beforeListener(event);
  };

  #watch(): void {
    const emitter = this as EventEmitter;
    if (emitter.listenerCount('newListener', this.#onNewListener) > 0) return;
    emitter.on('newListener', this.#onNewListener);
  }
}
