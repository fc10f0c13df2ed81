import type { Timestamp } from '../timestamp';

/** A change of an interface, as the system told it. */
export interface LinkChange {
  /** The kernel's number of the interface, above 0; a new one for each interface that is made. */
  readonly index: number;
  /** The name it has now, or had when it was removed; undefined where that could not be told. */
  readonly name: string | undefined;
  readonly link: Link;
  readonly at: Timestamp;
}

/** What an interface is: `up` means that frames flow, or would on a bus that works. */
export type Link = 'up' | 'down' | 'gone';

export interface LinkListener {
  /** Called for all interfaces, in the order of the changes. */
  onLink(change: LinkChange): void;
  /** Changes may have been missed: the listener is to look for itself. */
  onMissed(): void;
  /** Nothing will be told any more. */
  onEnd(): void;
}

/** A listener's place at a source of link changes. */
export interface LinkSubscription {
  /** Resolves when all changes that have happened by now were told. */
  drain(): Promise<void>;
  /** Whether this listener keeps the process alive; at first it does not. */
  setReferenced(referenced: boolean): void;
  /** Nothing is told after this call. Resolves when what the subscription held is free. */
  remove(): Promise<void>;
}
