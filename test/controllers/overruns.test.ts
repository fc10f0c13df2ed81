import { expect } from 'chai';
import { once } from 'node:events';
import { DataFrame, SocketCANMedia } from '../../src';
import { until } from '../support/waiting/until';
import { row } from '../support/rows/row';
import { interruptsTo, Netdev, numbered, roomy } from './bus';

/** A burst that two CPUs, one for each controller, hardly ever pass on without an overrun. */
const BURST = 2000;
const BURSTS = 20;

describe('a controller that receives faster than it is read', () => {
  // The interrupts move with the next one that comes: a frame each way moves them.
  async function splitInterrupts(cpu: 0 | 1): Promise<void> {
    interruptsTo('can1', cpu);
    const [a, b] = [roomy('can0'), roomy('can1')];
    for (let i = 0; i < 3; i++) {
      await a.socket.send(numbered(1));
      await b.until(i + 1);
    }
    await Promise.all([a.close(), b.close()]);
  }
  before(() => splitInterrupts(1));
  after(() => splitInterrupts(0));

  row('C14', 'bursts to a controller whose interrupts another CPU handles', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const media = new SocketCANMedia('can1', 8);
    const told: string[] = [];
    media.start(
      () => undefined,
      false,
      (_, error) => told.push(error),
    );
    const [out, into] = [new Netdev('can0'), new Netdev('can1')];
    for (let i = 0; i < BURSTS && into.overruns === 0; i++) {
      await a.socket.send(numbered(BURST, i * BURST), { timeoutMs: 30_000 });
    }
    expect(into.overruns, 'overruns of the controller').to.be.greaterThan(0);
    const { sent } = a.statistics;
    await until(() => out.sent === sent, 'the controller has sent all');
    await until(() => b.received.length >= into.received + into.overruns, 'all is delivered');

    const errors = b.errorFrames;
    expect(errors).to.have.lengthOf(into.overruns);
    for (const error of errors) expect(String(error)).to.match(/controller \(rx-overflow\)/);
    await until(() => told.length >= into.overruns, 'the error handler is told');
    expect(told).to.deep.equal(errors.map(() => 'rx-overflow'));
    const frames = b.received.map(({ frame }) => frame);
    const ids = frames.flatMap((frame) => (frame instanceof DataFrame ? [frame.identifier] : []));
    expect(ids).to.have.lengthOf(into.received - into.dropped);
    expect(ids).to.deep.equal([...new Set(ids)].sort((x, y) => x - y));
    seen(
      `of ${sent} sent ${ids.length} received, in order, ${sent - ids.length} lost by the controller`,
    );
    seen(`told by ${errors.length} error frames rx-overflow, as many as the driver has counted`);
    const closing = once(media, 'close');
    await media.close();
    await closing;
  });
});
