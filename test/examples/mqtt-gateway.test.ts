import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { connect, type MqttClient } from 'mqtt';
import { MQTTGateway, type Batch, type GatewayOptions } from '../../examples/mqtt-gateway';
import { Broker } from '../../examples/support/broker';
import { CANSocket, DataFrame, FrameFormat, parseLogLine, VirtualBus } from '../../src';
import { runExample } from '../support/processes/example';
import { until } from '../support/waiting/until';
import { Cable, CONNACK, PUBACK, SUBACK } from './cable';

const PREFIX = 'bench';
const hasBroker =
  process.env['CI'] === 'true' ||
  spawnSync('mosquitto', ['-h'], {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  }).error === undefined;

/** Time between two attempts of a client to reach the broker, in ms. */
const reconnectMs = 50;

function numbered(n: number): DataFrame {
  return new DataFrame(FrameFormat.Extended, n, Uint8Array.of(n & 0xff));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The text of frame n and of the next one. */
function twoFrames(n: number): string {
  return `${String(numbered(n))}\n${String(numbered(n + 1))}\n`;
}

function numberOf(line: string): number {
  const frame = parseLogLine(line)?.frame;
  return frame instanceof DataFrame ? frame.identifier : -1;
}

describe('The MQTT gateway with a real broker', () => {
  const bus = VirtualBus.get('mqtt-test');
  let broker: Broker;
  /** The gateway's connection to the broker. */
  let cable: Cable;
  let gateway: MQTTGateway;
  let node: CANSocket;
  let consumer: MqttClient;
  let batches: Batch[];
  /** Identifiers of the frames that the node on the bus has received. */
  let seen: number[];

  async function begin(options: GatewayOptions = {}): Promise<void> {
    gateway = new MQTTGateway(bus.interfaceName, cable.url, {
      prefix: PREFIX,
      clientId: 'gateway',
      reconnectMs,
      ...options,
    });
    node = new CANSocket(bus.interfaceName);
    seen = [];
    node.on('frames', (frames) => {
      for (const { frame } of frames) seen.push((frame as DataFrame).identifier);
    });
    batches = [];
    consumer = connect(broker.url, {
      clientId: 'consumer',
      clean: false,
      reconnectPeriod: reconnectMs,
    });
    consumer.on('message', (_topic, payload) => {
      batches.push(JSON.parse(payload.toString()) as Batch);
    });
    consumer.on('error', () => undefined);
    await until(() => consumer.connected, 'the consumer is connected');
    await consumer.subscribeAsync(`${PREFIX}/received`, { qos: 1 });
    // The broker drops messages without a subscriber.
    await until(() => cable.passed(SUBACK), 'the gateway has subscribed');
  }

  /** Publishes a message until the client takes it: while it repeats older ones, it may refuse. */
  async function publish(text: string): Promise<void> {
    for (;;) {
      try {
        await consumer.publishAsync(`${PREFIX}/send`, text, { qos: 2 });
        return;
      } catch (error) {
        expect(error).to.have.property('message', 'Connection closed');
      }
    }
  }

  before(function () {
    if (hasBroker) return;
    console.log('No MQTT broker. Install mosquitto as root: sh scripts/install-packages.sh mosquitto');
    this.skip();
  });
  beforeEach(async () => {
    bus.reset();
    broker = await Broker.start();
    cable = await Cable.to(broker.url);
  });
  afterEach(async () => {
    await node.close();
    await gateway.close(0);
    await consumer.endAsync(true);
    await cable.remove();
    await broker.remove();
  });

  /** The frames that reached the consumer: the gateway's number of each, and the number in the frame. */
  function arrived(): Map<number, number> {
    const found = new Map<number, number>();
    for (const { first, frames } of batches) {
      for (const [index, line] of frames.entries()) found.set(first + index, numberOf(line));
    }
    return found;
  }

  it('publishes every frame of the bus in order when the broker restarts', async () => {
    await begin();
    const send = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n += 10) await node.send(range(n, n + 10).map(numbered));
    };
    await send(0, 500);
    await until(() => gateway.counts.published > 0, 'the gateway has published frames');
    await broker.stop();
    await send(500, 1500);
    await until(() => gateway.counts.received === 1500, 'the gateway has received 1500 frames');
    expect(gateway.waiting).to.be.at.least(1000);
    await broker.start();
    await send(1500, 2000);
    await until(
      () => gateway.counts.received === 2000 && gateway.waiting === 0,
      'the gateway has published all frames',
    );
    await until(() => arrived().size === 2000, 'all frames have arrived');
    expect(gateway.counts).to.include({ received: 2000, published: 2000, lost: 0 });
    expect([...arrived()]).to.deep.equal(range(0, 2000).map((n) => [n, n]));
    expect(batches.at(-1)).to.include({ lost: 0, dropped: 0 });
  });

  it('drops and counts the newest frames when its queue is full, and publishes the gap', async () => {
    await begin({ queueLimit: 100 });
    await node.send(numbered(0));
    await until(() => gateway.counts.published === 1, 'the gateway has published the first frame');
    await broker.stop();
    await node.send(range(1, 301).map(numbered));
    await until(() => gateway.counts.received === 301, 'the gateway has received 301 frames');
    expect(gateway.waiting).to.equal(100);
    await broker.start();
    await until(() => gateway.waiting === 0, 'the gateway has published its queue');
    await node.send(numbered(301));
    await until(() => arrived().has(301), 'frame 301 has arrived');
    await until(() => gateway.counts.published === 102, 'the gateway has the acknowledgement');

    expect(gateway.counts).to.include({ received: 302, published: 102, lost: 200 });
    const numbers = [...arrived().keys()];
    expect(numbers).to.deep.equal([...range(0, 101), 301]);
    expect([...arrived().values()]).to.deep.equal(numbers);
    expect(batches.at(-1)).to.include({ first: 301, lost: 200 });
  });

  it('publishes every frame when the connection breaks after an acknowledgement', async () => {
    await begin();
    await node.send(numbered(0));
    await until(() => gateway.counts.published === 1, 'the gateway has published the first frame');
    await broker.stop();
    await node.send(numbered(1));
    await until(() => gateway.waiting === 1, 'the second frame waits');
    await node.send(numbered(2));
    await until(() => gateway.waiting === 2, 'the third frame waits');
    // The gateway publishes the third frame when the second one is acknowledged.
    const cut = cable.cutAfter(PUBACK);
    await broker.start();
    await cut;
    await until(() => gateway.counts.published === 3, 'the gateway has published all frames');
    await until(() => arrived().size === 3, 'all frames have arrived');
    expect(gateway.counts).to.include({ received: 3, published: 3, lost: 0 });
  });

  it('subscribes again when the connection breaks before the broker has the subscription', async () => {
    const cut = cable.cutAfter(CONNACK);
    await begin();
    await cut;
    for (let n = 0; seen.length === 0; n++) await publish(String(numbered(n)));
  });

  it('sends every frame from the broker to the bus once when the connection breaks', async () => {
    await begin();
    const done = range(0, 200).map((n) => publish(twoFrames(2 * n)));
    for (let part = 1; part < 8; part++) {
      await until(() => seen.length >= 50 * part, `the bus has ${50 * part} frames`);
      cable.cut();
    }
    await Promise.all(done);
    await until(() => seen.length >= 400, 'the bus has all frames');
    // The broker repeats messages without an acknowledgement before it delivers new ones.
    await publish(String(numbered(400)));
    await until(() => seen.includes(400), 'the bus has the last frame');
    expect(seen.toSorted((x, y) => x - y)).to.deep.equal(range(0, 401));
    expect(gateway.counts).to.include({ asked: 401, sent: 401, failed: 0 });
  });

  it('sends every frame from the broker to the bus once when the broker restarts', async () => {
    await begin();
    for (let part = 0; part < 3; part++) {
      await broker.stop();
      const done = range(0, 10).map((n) => publish(twoFrames(20 * part + 2 * n)));
      await broker.start();
      await Promise.all(done);
      await until(() => gateway.counts.sent === 20 * (part + 1), 'the gateway has sent the frames');
      // Mosquitto 2.0.11 may lose or repeat messages that are in flight when it stops. This frame
      // arrives after the gateway's acknowledgements, so no message is in flight then.
      await node.send(numbered(1000 + part));
      await until(() => [...arrived().values()].includes(1000 + part), 'the last frame has arrived');
    }
    await until(() => seen.length >= 60, 'the bus has all frames');
    expect(seen.toSorted((x, y) => x - y)).to.deep.equal(range(0, 60));
    expect(gateway.counts).to.include({ asked: 60, sent: 60, failed: 0 });
  });

  it('leaves messages at the broker while the link is down, and counts those that expire', async () => {
    await begin();
    await publish('123#01');
    await until(() => gateway.counts.sent === 1, 'the gateway has sent the first frame');
    bus.down();
    for (let n = 0; n < 3; n++) await publish('123#02');
    await until(() => gateway.counts.failed === 3, 'three frames have expired');
    bus.up();
    await publish('not a frame\n');
    await publish('123#03');
    await until(() => gateway.counts.sent === 2, 'the gateway has sent the last frame');
    expect(gateway.counts).to.include({ asked: 6, sent: 2, failed: 4 });
  });

  it('runs as a program with a broker of its own', async () => {
    await begin();
    const { status, output } = await runExample('mqtt-gateway');
    const [from = '', ...to] = output.split('\n');
    const [, received, published] = /^from virtual:mqtt: (\d+) received, (\d+) published, 0 lost$/.exec(from) ?? [];
    expect(to).to.deep.equal(['to virtual:mqtt: 0 asked for, 0 sent, 0 failed', '']);
    expect(published, output).to.equal(received);
    expect(Number(published), output).to.be.above(0);
    expect(status).to.equal(0);
  });
});
