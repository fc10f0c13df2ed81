import type { Timestamp } from '../timestamp';

/** The state of an interface. `up` means that frames flow, or would on a working bus. */
export type Link = 'up' | 'down' | 'gone';

/** A change of an interface. */
export interface LinkChange {
  /** The index of the interface, above 0. Each new interface gets a new one. */
  readonly index: number;
  /** The present name, or the last one of a removed interface; undefined: unknown. */
  readonly name: string | undefined;
  readonly link: Link;
  readonly at: Timestamp;
}

/** Receives the changes of all interfaces. */
export interface LinkListener {
  /** Called for each change, in order. */
  onLink(change: LinkChange): void;
  /** Called when changes may have been lost. The listener must look up the present state. */
  onMissed(): void;
  /** Called when no more changes will be reported. */
  onEnd(): void;
}

/** The subscription of one listener. */
export interface LinkSubscription {
  /** Resolves when all changes up to now have been reported. */
  drain(): Promise<void>;
  /** Sets whether the subscription keeps the process alive. Initially it does not. */
  setReferenced(referenced: boolean): void;
  /** Stops the calls of the listener at once. Resolves when all resources of the subscription are free. */
  remove(): Promise<void>;
}
