import { LONGEST_TIMER_MS } from '../clock';
import type { Link, LinkChange, LinkListener, LinkSubscription } from '../netlink/link';
import { timestampNow } from '../poller/timestamp';

/** The link of a virtual bus. It reports its changes, as rtnetlink(7) does for a vcan. */
export class VirtualLink {
  static #nextIndex = 1;

  readonly #interfaceName: string;
  readonly #listeners = new Set<LinkListener>();
  /** Changes that not all listeners have received yet. */
  readonly #changes: LinkChange[] = [];
  #state: Link = 'up';
  #index = VirtualLink.#nextIndex++;

  constructor(interfaceName: string) {
    this.#interfaceName = interfaceName;
  }

  get state(): Link {
    return this.#state;
  }

  /** The number of the interface, above 0. Each created interface has a new one. */
  get index(): number {
    return this.#index;
  }

  set(state: Link): void {
    if (this.#state === state) return;
    if (this.#state === 'gone') this.#index = VirtualLink.#nextIndex++;
    this.#state = state;
    this.#changes.push({ index: this.#index, name: this.#interfaceName, link: state, at: timestampNow() });
    // A change made by a listener follows when all listeners have received the current one.
    if (this.#changes.length > 1) return;
    for (let next = this.#changes[0]; next !== undefined; next = this.#changes[0]) {
      for (const listener of [...this.#listeners]) {
        if (this.#listeners.has(listener)) listener.onLink(next);
      }
      this.#changes.shift();
    }
  }

  watch(listener: LinkListener): LinkSubscription {
    let keepAlive: NodeJS.Timeout | undefined;
    this.#listeners.add(listener);
    return {
      drain: () => Promise.resolve(),
      setReferenced: (referenced) => {
        clearInterval(keepAlive);
        keepAlive = undefined;
        // The timer only keeps the process alive.
        if (referenced && this.#listeners.has(listener)) keepAlive = setInterval(() => undefined, LONGEST_TIMER_MS);
      },
      remove: () => {
        clearInterval(keepAlive);
        this.#listeners.delete(listener);
        return Promise.resolve();
      },
    };
  }
}
