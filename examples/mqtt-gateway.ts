import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, formatLogLine, parseFrame, type ReceivedFrame, type SendResult } from '../src';
import { Broker } from './support/broker';
import { main } from './support/main';

/*
 * Couples a CAN bus to an MQTT broker, for those whose buses outgrow one machine.
 *
 *   npm run example mqtt-gateway [INTERFACE BROKER-URL]
 *
 * Without arguments it starts a Mosquitto of its own (Debian: apt-get install mosquitto).
 *
 * PREFIX/received    What came from the bus: JSON, see Batch. Every frame has a number, lost ones too: a
 *                    gap in the numbers is a loss, and a number seen twice is MQTT's "at least once".
 * PREFIX/send        What is to go onto the bus: lines of candump text (123#DEADBEEF). With QoS 2 each goes
 *                    out once. The broker has its acknowledgement when the kernel has the frames.
 *
 * Nothing waits without a bound. While the broker is away, frames wait in a queue; when it is full,
 * the newest are lost, and counted. While the bus is busy, messages wait at the broker.
 */

/** A message of PREFIX/received. */
export interface Batch {
  /** The number of the first of the frames, from 0 on since the gateway was started. */
  readonly first: number;
  /** Lines of a candump log. */
  readonly frames: readonly string[];
  /** Since the start, in frames: those that found the queue full, and those the kernel had no room for. */
  readonly lost: number;
  readonly dropped: number;
}

export interface GatewayOptions {
  readonly prefix?: string;
  /** The session's name at the broker, under which it keeps messages while the gateway is away. */
  readonly clientId?: string;
  /** Frames that may wait for the broker; a minute of a busy bus. */
  readonly queueLimit?: number;
  /** How long to wait before the broker is tried again, in ms. */
  readonly reconnectMs?: number;
}

const BATCH = 500;
const SEND_TIMEOUT_MS = 100;

export class MQTTGateway {
  readonly #name: string;
  readonly #socket: CANSocket;
  readonly #client: MqttClient;
  readonly #prefix: string;
  readonly #limit: number;
  readonly #queue: { readonly number: number; readonly line: string }[] = [];
  #publishing = false;
  #open = true;
  /** From the bus: received = published + lost + waiting. To the bus: asked = sent + failed. */
  readonly counts = { received: 0, published: 0, lost: 0, asked: 0, sent: 0, failed: 0 };

  constructor(interfaceName: string, brokerURL: string, options: GatewayOptions = {}) {
    const { prefix = `can/${interfaceName}`, clientId = `gateway-${interfaceName}` } = options;
    this.#name = interfaceName;
    this.#prefix = prefix;
    this.#limit = options.queueLimit ?? 250_000;
    this.#socket = new CANSocket(interfaceName);
    this.#socket.on('frames', (frames) => {
      this.#receive(frames);
    });
    // clean: false: the broker keeps what comes for this client while it is away.
    this.#client = connect(brokerURL, {
      clientId,
      clean: false,
      reconnectPeriod: options.reconnectMs ?? 1000,
    });
    this.#client.on('error', (error) => {
      console.error(`broker: ${error.message}`);
    });
    // The next message comes when the callback was called: this is what makes the broker wait.
    this.#client.handleMessage = (packet, done) => {
      void this.#send(packet).then(() => {
        done();
      });
    };
    this.#client.subscribe(`${prefix}/send`, { qos: 2 });
  }

  /** Frames that wait for the broker. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Ends it. What waits for the broker gets `flushMs`, and is lost then. */
  async close(flushMs = 1000): Promise<void> {
    await this.#socket.close();
    const end = process.hrtime.bigint() + BigInt(flushMs) * 1_000_000n;
    while (this.#queue.length > 0 && process.hrtime.bigint() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#open = false;
    this.counts.lost += this.#queue.length;
    this.#queue.length = 0;
    await this.#client.endAsync(!this.#client.connected);
  }

  #receive(received: readonly ReceivedFrame[]): void {
    for (const { frame, timestamp } of received) {
      const number = this.counts.received++;
      if (this.#queue.length >= this.#limit) {
        this.counts.lost++;
        continue;
      }
      const { systemNs } = timestamp;
      const line = formatLogLine({ systemNs, interfaceName: this.#name, frame }, 9);
      this.#queue.push({ number, line });
    }
    void this.#publish();
  }

  /** Publishes what waits, one message at a time, each when the broker has acknowledged the one before. */
  async #publish(): Promise<void> {
    if (this.#publishing) return;
    this.#publishing = true;
    while (this.#open && this.#queue.length > 0) {
      const lines = this.#consecutive();
      const batch: Batch = {
        first: this.#queue[0]?.number ?? 0,
        frames: lines,
        lost: this.counts.lost,
        dropped: this.#socket.statistics.dropped,
      };
      try {
        // Resolves over as many connections as it takes: the client sends again what was not acknowledged.
        await this.#client.publishAsync(`${this.#prefix}/received`, JSON.stringify(batch), {
          qos: 1,
        });
      } catch {
        // The client has ended: close() accounts for what is left.
        break;
      }
      this.#queue.splice(0, lines.length);
      this.counts.published += lines.length;
    }
    this.#publishing = false;
  }

  /** The first lines of the queue, up to a gap in their numbers. */
  #consecutive(): string[] {
    const start = this.#queue[0]?.number ?? 0;
    const lines: string[] = [];
    for (const { number, line } of this.#queue) {
      if (lines.length === BATCH || number !== start + lines.length) break;
      lines.push(line);
    }
    return lines;
  }

  async #send({ payload }: IPublishPacket): Promise<void> {
    const texts = payload
      .toString()
      .split('\n')
      .filter((text) => text !== '');
    this.counts.asked += texts.length;
    let sent = 0;
    try {
      ({ sent } = await this.#socket.send(texts.map(parseFrame), { timeoutMs: SEND_TIMEOUT_MS }));
    } catch (error) {
      // What is no frame, or none for this bus, is nobody's fault but the sender's.
      sent = (error as { result?: SendResult }).result?.sent ?? 0;
      console.error(`${this.#prefix}/send: ${(error as Error).message}`);
    }
    this.counts.sent += sent;
    this.counts.failed += texts.length - sent;
  }
}

export async function mqttGateway(signal: AbortSignal, name: string, url = ''): Promise<void> {
  const broker = url === '' ? await Broker.start() : undefined;
  const gateway = new MQTTGateway(name, broker?.url ?? url);
  if (!signal.aborted) {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
  }
  await gateway.close();
  const { received, published, lost, asked, sent, failed } = gateway.counts;
  console.log(`from ${name}: ${received} received, ${published} published, ${lost} lost`);
  console.log(`to ${name}: ${asked} asked for, ${sent} sent, ${failed} failed`);
  await broker?.remove();
}

main(module, mqttGateway, 'virtual:mqtt');
