import { LONGEST_TIMER_MS } from '../clock';
import type { Link, LinkChange, LinkListener, LinkSubscription } from '../netlink/link';
import { timestampNow } from '../poller/timestamp';

/** The link of a virtual bus, and who follows it: what rtnetlink(7) is to a vcan. */
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
    const at = timestampNow();
    const change = { index: this.#index, name: this.#interfaceName, link: state, at };
    this.#changes.push(change);
    if (this.#changes.length > 1) return; // A listener made this change: it follows when all have received the current one.
    for (let next = this.#changes[0]; next !== undefined; next = this.#changes[0]) {
      for (const listener of [...this.#listeners]) {
        if (this.#listeners.has(listener)) listener.onLink(next);
      }
      this.#changes.shift();
    }
  }

  watch(listener: LinkListener): LinkSubscription {
    let alive: NodeJS.Timeout | undefined;
    this.#listeners.add(listener);
    return {
      drain: () => Promise.resolve(),
      setReferenced: (referenced) => {
        clearInterval(alive);
        alive = undefined;
        // It keeps the process alive, and need not fire.
        if (referenced && this.#listeners.has(listener)) alive = setInterval(() => undefined, LONGEST_TIMER_MS);
      },
      remove: () => {
        clearInterval(alive);
        this.#listeners.delete(listener);
        return Promise.resolve();
      },
    };
  }
}
