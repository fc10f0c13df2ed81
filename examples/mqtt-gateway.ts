import { setTimeout as sleep } from 'node:timers/promises';
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
 * PREFIX/received    Frames from the bus: JSON, see Batch. Every frame has a number, lost frames too: a gap
 *                    in the numbers is a loss. A number that comes twice is MQTT's "at least once".
 * PREFIX/send        Frames for the bus: lines of candump text (123#DEADBEEF). With QoS 2 the gateway sends
 *                    each frame once. It acknowledges a message when the kernel has its frames.
 *
 * Every queue has a limit. While the broker is away, frames wait in a queue; when it is full, the gateway
 * drops the newest frames and counts them. While the bus is busy, messages wait at the broker.
 */

/** A message of PREFIX/received. */
export interface Batch {
  /** Number of the first frame; the gateway counts from 0 when it starts. */
  readonly first: number;
  /** Lines of a candump log. */
  readonly frames: readonly string[];
  /** Frames since the start that found the queue full, and frames that found the kernel's buffer full. */
  readonly lost: number;
  readonly dropped: number;
}

export interface GatewayOptions {
  readonly prefix?: string;
  /** Name of the session in which the broker keeps messages while the gateway is away. */
  readonly clientId?: string;
  /** Frames that may wait for the broker; default 250,000, a minute of a busy bus. */
  readonly queueLimit?: number;
  /** Time between two attempts to reach the broker, in ms; default 1000. */
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
  #publishing: Promise<void> | undefined;
  #subscribed = false;
  #open = true;
  /** From the bus: received = published + lost + waiting. To the bus: asked = sent + failed. */
  readonly counts = { received: 0, published: 0, lost: 0, asked: 0, sent: 0, failed: 0 };

  constructor(interfaceName: string, brokerURL: string, options: GatewayOptions = {}) {
    const { prefix = `can/${interfaceName}`, clientId = `gateway-${interfaceName}` } = options;
    this.#name = interfaceName;
    this.#prefix = prefix;
    this.#limit = options.queueLimit ?? 250_000;
    this.#socket = new CANSocket(interfaceName);
    this.#socket.on('frames', this.#receive);
    // clean: false: the broker keeps messages for this client while it is away.
    this.#client = connect(brokerURL, {
      clientId,
      clean: false,
      resubscribe: false,
      reconnectPeriod: options.reconnectMs ?? 1000,
    });
    this.#client.on('error', (error) => {
      console.error(`broker: ${error.message}`);
    });
    this.#client.on('connect', ({ sessionPresent }) => {
      this.#subscribe(sessionPresent);
    });
    // The client hands over the next message after done(): this is what makes the broker wait.
    this.#client.handleMessage = (packet, done) => {
      void this.#send(packet).then(() => {
        done();
      });
    };
  }

  /** Frames that wait for the broker. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Stops receiving, waits up to `flushMs` for the broker to take the queue, and counts the rest as lost. */
  async close(flushMs = 10_000): Promise<void> {
    this.#socket.off('frames', this.#receive);
    await Promise.race([this.#publishing, sleep(flushMs, undefined, { ref: false })]);
    this.#open = false;
    const lost = this.#queue.splice(0).length;
    this.counts.lost += lost;
    // Forced where the broker still owes an acknowledgement: without a connection it never comes.
    await this.#client.endAsync(lost > 0 || !this.#client.connected);
    await this.#socket.close();
  }

  /** Subscribes where the broker's session lacks the subscription: a connection may break before it is made. */
  #subscribe(sessionPresent: boolean): void {
    if (sessionPresent && this.#subscribed) return;
    this.#subscribed = false;
    this.#client.subscribe(`${this.#prefix}/send`, { qos: 2 }, (error) => {
      this.#subscribed = error === null;
    });
  }

  readonly #receive = (received: readonly ReceivedFrame[]): void => {
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
    if (this.#queue.length > 0) this.#publishing ??= this.#publish();
  };

  /** Publishes the queue, one message at a time: the next one when the broker has acknowledged the last. */
  async #publish(): Promise<void> {
    while (this.#open && this.#queue.length > 0) {
      const lines = this.#consecutive();
      const batch: Batch = {
        first: this.#queue[0]?.number ?? 0,
        frames: lines,
        lost: this.counts.lost,
        dropped: this.#socket.statistics.dropped,
      };
      try {
        // The client keeps an unacknowledged message over as many connections as it takes.
        await this.#client.publishAsync(`${this.#prefix}/received`, JSON.stringify(batch), {
          qos: 1,
        });
      } catch {
        // The client has not taken the message: the connection broke while it was repeating older
        // ones. Without a connection it takes the message at once, so the next attempt follows now.
        continue;
      }
      this.#queue.splice(0, lines.length);
      this.counts.published += lines.length;
    }
    this.#publishing = undefined;
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
      // Text that is no frame, or a frame that this bus cannot carry, is the sender's mistake.
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
