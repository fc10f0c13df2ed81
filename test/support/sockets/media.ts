import { SocketCANMedia, type ReceivedEnvelope, type SocketCANMediaOptions } from '../../../src';
import { leftovers } from '../asserts/leftovers';
import { until } from '../waiting/until';
export { envelopes } from '../fakes/envelopes';

const open = leftovers<ListeningMedia>((each) => each.close());

/** A media that keeps its received envelopes. */
export class ListeningMedia {
  readonly media: SocketCANMedia;
  readonly received: ReceivedEnvelope[] = [];
  readonly batches: number[] = [];

  constructor(interfaceName: string, mtu: number, options: SocketCANMediaOptions = {}) {
    this.media = new SocketCANMedia(interfaceName, mtu, options);
    open.add(this);
    this.media.start((frames) => {
      this.batches.push(frames.length);
      this.received.push(...frames);
    }, false);
  }

  get texts(): string[] {
    return this.received.map(({ frame }) => String(frame));
  }

  async until(count: number): Promise<void> {
    await until(() => this.received.length >= count, `${this.received.length} of ${count} frames`);
  }

  close(): Promise<void> {
    open.delete(this);
    return this.media.close();
  }
}
