import { expect } from 'chai';
import { DataFrame, FrameFormat, type Frame } from '../../src';
import { until } from '../support/waiting/until';
import type { ListeningSocket } from '../support/sockets/listening-socket';
import { Netdev, LONG_TIMEOUT, roomy } from './bus';

/** Identifiers of the frames that an audit sends to learn that all frames before them have arrived. */
const FIRST_MARKER = 0x1ff0_0000;

/** Time after which another marker is sent, in ms: the controller may lose one without a report of its own. */
const AGAIN_MS = 1000;

/**
 * Accounts for every frame on the way from one controller to the other.
 *
 * The emulated receiver has room for 4 frames. On a busy machine its CPU may not read them in time, also
 * at the pace of a wire. The controller then drops frames and reports an overrun, by an error frame and in
 * its count; losses until the driver has cleared the overrun belong to the same report. So what must hold
 * is:
 *
 * - the socket receives every frame that the driver has received, and an error frame for each overrun;
 * - frames arrive in order and once;
 * - frames are missing only where the controller, or the kernel, has reported a loss.
 */
export class FrameAudit {
  readonly out: Netdev;
  readonly into: Netdev;
  readonly #sender: ListeningSocket;
  readonly #receiver: ListeningSocket;
  #markers = 0;

  /** Accounts for all frames from now on. */
  constructor(from: string, to: string) {
    this.#sender = roomy(from);
    this.#receiver = roomy(to);
    this.out = new Netdev(from);
    this.into = new Netdev(to);
  }

  /** Times at which the receiving side lost frames, as the controller and the kernel report them. */
  get losses(): number {
    return this.into.overruns + this.into.dropped;
  }

  /** Waits until all frames sent before have been received or are reported as lost. */
  async settled(): Promise<void> {
    for (;;) {
      const marker = FIRST_MARKER + this.#markers++;
      const losses = this.losses;
      await this.#sender.socket.send(new DataFrame(FrameFormat.Extended, marker, Uint8Array.of()), LONG_TIMEOUT);
      const again = performance.now() + AGAIN_MS;
      const arrived = (): boolean => this.#identifiers.at(-1) === marker;
      const lost = (): boolean => this.losses > losses || performance.now() > again;
      await until(() => arrived() || lost(), 'the marker arrives or is lost');
      if (arrived()) break;
    }
    await until(() => this.#received.length === this.#reported, 'all frames are delivered');
  }

  /** Frames that the driver gave to the kernel, error frames included, without those that it dropped. */
  get #reported(): number {
    return this.into.received + this.into.overruns - this.into.dropped;
  }

  /** What came over the bus, without frames that other sockets sent from the receiving side. */
  get #received(): Frame[] {
    return this.#receiver.received.filter(({ local }) => !local).map(({ frame }) => frame);
  }

  get #identifiers(): number[] {
    return this.#received.flatMap((frame) => ('identifier' in frame ? [frame.identifier] : []));
  }

  /** Markers that the audit has sent. */
  get markers(): number {
    return this.#markers;
  }

  /** Identifiers of the data frames that arrived, without markers. */
  get identifiers(): number[] {
    return this.#identifiers.filter((each) => each < FIRST_MARKER);
  }

  /** The frames that arrived, without error frames and markers. */
  get arrived(): string[] {
    return this.#received.filter((frame) => 'identifier' in frame && frame.identifier < FIRST_MARKER).map(String);
  }

  /**
   * Waits until all is settled, and asserts that these frames, and no others, were sent and arrived in
   * order, apart from frames that the controller has lost.
   *
   * @returns how many were lost
   */
  async check(sent: readonly Frame[]): Promise<number> {
    await this.settled();
    expect(this.out.sent, 'sent by the controller').to.equal(sent.length + this.#markers);
    const texts = sent.map(String);
    const { arrived } = this;
    if (this.losses === 0) expect(arrived).to.deep.equal(texts);
    let next = 0;
    for (const text of arrived) {
      const at = texts.indexOf(text, next);
      expect(at, `${text}: not sent, came twice, or out of order`).to.be.at.least(0);
      next = at + 1;
    }
    const errors = this.#receiver.errorFrames.map(String);
    for (const error of errors) expect(error).to.match(/controller \(rx-overflow\)/);
    if (this.into.dropped === 0) expect(errors).to.have.lengthOf(this.into.overruns);
    expect(this.#receiver.statistics).to.include({ dropped: 0 });
    return texts.length - arrived.length;
  }
}
