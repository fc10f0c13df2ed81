import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { connect, type MqttClient } from 'mqtt';
import { MQTTGateway, type Batch, type GatewayOptions } from '../../examples/mqtt-gateway';
import { Broker } from '../../examples/support/broker';
import { CANSocket, DataFrame, FrameFormat, parseLogLine, VirtualBus } from '../../src';
import { runExample } from '../support/processes/example';
import { sleep } from '../support/processes/process';

const PREFIX = 'bench';
const hasBroker =
  process.env['CI'] === 'true' ||
  spawnSync('mosquitto', ['-h'], {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  }).error === undefined;

/** Everybody tries the broker again soon. */
const reconnectMs = 50;

function numbered(n: number): DataFrame {
  return new DataFrame(FrameFormat.Extended, n, Uint8Array.of(n & 0xff));
}

function numberOf(line: string): number {
  const frame = parseLogLine(line)?.frame;
  return frame instanceof DataFrame ? frame.identifier : -1;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

(hasBroker ? describe : describe.skip)('The MQTT gateway, with a real broker', function () {
  this.timeout(60_000);
  const bus = VirtualBus.get('mqtt-test');
  let broker: Broker;
  let gateway: MQTTGateway;
  let node: CANSocket;
  let consumer: MqttClient;
  let batches: Batch[];

  async function begin(options: GatewayOptions = {}): Promise<void> {
    gateway = new MQTTGateway(bus.interfaceName, broker.url, {
      prefix: PREFIX,
      clientId: 'gateway',
      reconnectMs,
      ...options,
    });
    node = new CANSocket(bus.interfaceName);
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
    await until(() => consumer.connected);
    await consumer.subscribeAsync(`${PREFIX}/received`, { qos: 1 });
  }

  beforeEach(async () => {
    bus.reset();
    broker = await Broker.start();
  });
  afterEach(async () => {
    await node.close();
    await gateway.close(0);
    await consumer.endAsync(true);
    await broker.remove();
  });

  /** The frames that reached the consumer: number in the gateway's count, and in the frame itself. */
  function arrived(): Map<number, number> {
    const found = new Map<number, number>();
    for (const { first, frames } of batches) {
      for (const [index, line] of frames.entries()) found.set(first + index, numberOf(line));
    }
    return found;
  }

  it('brings every frame of the bus to the broker, in order, over a restart of the broker', async () => {
    await begin();
    for (let n = 0; n < 2000; n += 10) {
      await node.send(Array.from({ length: 10 }, (_, i) => numbered(n + i)));
      if (n === 500) await broker.stop();
      if (n === 1500) await broker.start();
      await sleep(1);
    }
    await until(() => gateway.counts.received === 2000 && gateway.waiting === 0);
    await until(() => arrived().size === 2000);
    expect(gateway.counts).to.include({ received: 2000, published: 2000, lost: 0 });
    expect([...arrived()]).to.deep.equal(Array.from({ length: 2000 }, (_, n) => [n, n]));
    expect(batches.at(-1)).to.include({ lost: 0, dropped: 0 });
  });

  it('loses the newest frames when its queue is full, counts them, and shows where', async () => {
    await begin({ queueLimit: 100 });
    await node.send(numbered(0));
    await until(() => gateway.waiting === 0 && gateway.counts.published === 1);
    await broker.stop();
    await node.send(Array.from({ length: 300 }, (_, i) => numbered(1 + i)));
    await until(() => gateway.counts.received === 301);
    expect(gateway.waiting).to.equal(100);
    await broker.start();
    await until(() => gateway.waiting === 0);
    await node.send(numbered(301));
    await until(() => arrived().has(301));

    expect(gateway.counts).to.include({ received: 302, published: 102, lost: 200 });
    const numbers = [...arrived().keys()];
    expect(numbers).to.deep.equal([...Array(101).keys(), 301]);
    expect([...arrived().values()]).to.deep.equal(numbers);
    expect(batches.at(-1)).to.include({ first: 301, lost: 200 });
  });

  it('brings every frame from the broker to the bus, once, over restarts of the broker', async () => {
    await begin();
    const seen: number[] = [];
    node.on('frames', (frames) => {
      for (const { frame } of frames) seen.push((frame as DataFrame).identifier);
    });
    const done: Promise<unknown>[] = [];
    for (let n = 0; n < 400; n += 2) {
      const text = `${String(numbered(n))}\n${String(numbered(n + 1))}\n`;
      done.push(consumer.publishAsync(`${PREFIX}/send`, text, { qos: 2 }));
      if (n === 100 || n === 250) await broker.stop();
      if (n === 200 || n === 300) await broker.start();
      await sleep(2);
    }
    await Promise.all(done);
    await until(() => seen.length >= 400);
    await sleep(200);
    expect(seen.toSorted((x, y) => x - y)).to.deep.equal([...Array(400).keys()]);
    expect(gateway.counts).to.include({ asked: 400, sent: 400, failed: 0 });
  });

  it('lets messages wait at the broker while the link is down, and accounts for those that expire', async () => {
    await begin();
    await consumer.publishAsync(`${PREFIX}/send`, '123#01', { qos: 2 });
    await until(() => gateway.counts.sent === 1);
    bus.down();
    for (let n = 0; n < 3; n++) {
      await consumer.publishAsync(`${PREFIX}/send`, '123#02', { qos: 2 });
    }
    await until(() => gateway.counts.failed === 3);
    bus.up();
    await consumer.publishAsync(`${PREFIX}/send`, 'not a frame\n', { qos: 2 });
    await consumer.publishAsync(`${PREFIX}/send`, '123#03', { qos: 2 });
    await until(() => gateway.counts.sent === 2);
    expect(gateway.counts).to.include({ asked: 6, sent: 2, failed: 4 });
  });

  it('runs as a program, with a broker of its own', async () => {
    await begin();
    const { status, output } = await runExample('mqtt-gateway');
    expect(output).to.match(
      /^from virtual:mqtt: (\d+) received, \1 published, 0 lost\nto virtual:mqtt: 0 asked for, 0 sent, 0 failed\n$/,
    );
    expect(status).to.equal(0);
  });
});
