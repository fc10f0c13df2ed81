import { expect } from 'chai';
import { once } from 'node:events';
import { SocketCANMedia } from '../../src';
import { until } from '../support/waiting/until';
import { row } from '../support/rows/row';
import { interruptsTo, needControllers, numbered, LONG_TIMEOUT, roomy } from './bus';
import { FrameAudit } from './frame-audit';

/** Frames that two CPUs, one for each controller, hardly ever pass on without an overrun. */
const BURST = 2000;

describe('A controller that receives faster than its CPU reads', () => {
  needControllers();
  // The interrupts move with the next one that comes: a frame each way moves them.
  async function splitInterrupts(cpu: 0 | 1): Promise<void> {
    interruptsTo('can1', cpu);
    const [a, b] = [roomy('can0'), roomy('can1')];
    for (let i = 0; i < 3; i++) {
      await a.socket.send(numbered(1), LONG_TIMEOUT);
      await b.until(i + 1);
    }
    await Promise.all([a.close(), b.close()]);
  }
  before(() => splitInterrupts(1));
  after(() => splitInterrupts(0));

  row('C14', 'reports each overrun of the receiver as an error frame rx-overflow', async (seen) => {
    const audit = new FrameAudit('can0', 'can1');
    const [a, b] = [roomy('can0'), roomy('can1')];
    const media = new SocketCANMedia('can1', 8);
    const reported: string[] = [];
    media.start(
      () => undefined,
      false,
      (_, error) => reported.push(error),
    );
    const { into } = audit;
    while (into.overruns === 0) {
      await a.socket.send(numbered(BURST, a.statistics.sent), LONG_TIMEOUT);
    }
    const { sent } = a.statistics;
    const lost = await audit.check(numbered(sent));

    const errors = b.errorFrames;
    await until(() => reported.length >= errors.length, 'the error handler was called');
    expect(reported).to.deep.equal(errors.map(() => 'rx-overflow'));
    seen(`of ${sent} sent ${sent - lost} received, in order, ${lost} lost by the controller`);
    seen(`${errors.length} error frames rx-overflow, as many as the driver has counted`);
    const closing = once(media, 'close');
    await media.close();
    await closing;
  });
});
