import { expect } from 'chai';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { CANSocket, DataFrame, type ReceivedFrame } from '../../../src';
import { addVcan, receivers, removeLink, tc } from '../../support/kernel/guest';
import { FULL } from '../../support/processes/nodes';
import { HANG_MS, until } from '../../support/waiting/until';
import { setLink } from '../../support/kernel/link';
import { measured } from '../../support/rows/measured';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { row } from '../../support/rows/row';
import { run } from '../../support/kernel/shell';

const DUT = join(__dirname, '..', '..', 'support', 'fixtures', `dut${extname(__filename)}`);

/** A loop takes 3 ms in the guest. */
const LOOPS = FULL ? 10_000 : 1000;

/** Removing the module removes all vcans. These are made again. */
const OURS = ['vcan0', 'vcan1'];

/** Reloads vcan. With echo=1 it returns frames after its queue, as the driver of a controller does. */
function reloadVcan(...parameters: string[]): void {
  const others = readdirSync('/sys/class/net').filter((name) => /^v(can|cgw)/.test(name) && !OURS.includes(name));
  // A user's own interfaces must stay.
  expect(others, 'interfaces that reloading the module vcan would remove').to.deep.equal([]);
  for (const name of OURS) removeLink(name);
  // The kernel's own: in the guest the modules are not where modprobe(8) looks.
  const modprobe = readFileSync('/proc/sys/kernel/modprobe', 'utf8').trim();
  run('rmmod', 'vcan');
  run(modprobe, 'vcan', ...parameters);
}

describe('Sending, with echoes', () => {
  let socket: CANSocket;

  describe('by a driver that returns frames itself, after 50 ms', () => {
    before(() => {
      reloadVcan('echo=1');
    });
    after(() => {
      reloadVcan();
      for (const name of OURS) addVcan(name);
    });
    beforeEach(() => {
      addVcan('vcan7');
      tc('qdisc', 'add', 'dev', 'vcan7', 'root', 'netem', 'delay', '50ms', 'limit', '1000');
      socket = new CANSocket('vcan7');
    });
    afterEach(async () => {
      await socket.close();
      removeLink('vcan7');
    });

    row('T11', 'delivers the 50 requested echoes of 100 sends at once', async (seen) => {
      await socket.send(new DataFrame(29, 1000, new Uint8Array()), {
        confirm: true,
        timeoutMs: HANG_MS,
      });
      const own: ReceivedFrame[] = [];
      socket.on('frames', (frames) => own.push(...frames.filter((each) => each.own)));
      const { value, loop } = await measured(() =>
        Promise.all(
          Array.from({ length: 100 }, (_, i) =>
            socket.send(new DataFrame(29, i, new Uint8Array(8)), { ...LONG_TIMEOUT, echo: i % 2 === 0 }),
          ),
        ),
      );
      expect(value.every(({ sent }) => sent === 1)).to.equal(true);
      await until(() => own.length >= 50 && socket.statistics.unrequested >= 49, 'all echoes');
      expect(own.map(({ frame }) => String(frame).slice(0, 8))).to.deep.equal(
        Array.from({ length: 50 }, (_, i) => (2 * i).toString(16).toUpperCase().padStart(8, '0')),
      );
      expect(socket.confirmation).to.equal('bus');
      seen(`50 of 50 echoes, none of the others; ${loop}`);
    });

    row('T11b', "confirms 50 sends at once, each after the driver's delay", async (seen) => {
      await socket.send(new DataFrame(29, 1000, new Uint8Array()), {
        confirm: true,
        timeoutMs: HANG_MS,
      });
      const { value: results, loop } = await measured(() =>
        Promise.all(
          Array.from({ length: 50 }, (_, i) => {
            const begin = process.hrtime.bigint();
            return socket
              .send(new DataFrame(29, i, new Uint8Array(8)), { confirm: true, timeoutMs: HANG_MS })
              .then((result) => ({ begin, result, end: process.hrtime.bigint() }));
          }),
        ),
      );
      for (const { begin, result, end } of results) {
        expect(result).to.include({ sent: 1, confirmed: 1, confirmation: 'bus' });
        const at = result.confirmations?.[0]?.monotonicNs ?? 0n;
        // After the delay, which is what makes it a confirmation.
        expect(at >= begin + 50_000_000n && at <= end).to.equal(true);
      }
      expect(socket.statistics).to.include({ confirmed: 51, unrequested: 0, received: 0 });
      seen('50 of 50 confirmed, each 50 ms or more after it was sent, stamped before its call ended', loop);
    });

    row('T11c', 'reports frames as unconfirmed when the link goes down before they leave the queue', async (seen) => {
      const delay = (time: string) => {
        tc('qdisc', 'change', 'dev', 'vcan7', 'root', 'netem', 'delay', time, 'limit', '1000');
      };
      delay('200s');
      const sending = socket.send(
        Array.from({ length: 20 }, (_, i) => new DataFrame(29, i, new Uint8Array(8))),
        { confirm: true, timeoutMs: HANG_MS },
      );
      await until(() => socket.statistics.sent === 20, 'all are queued');
      setLink('vcan7', false);
      delay('1ms');
      setLink('vcan7', true);
      const later = await socket.send(new DataFrame(29, 99, new Uint8Array()), {
        confirm: true,
        timeoutMs: HANG_MS,
      });
      expect(later).to.include({ confirmed: 1 });
      const result = await sending;
      expect(result).to.include({ sent: 20 });
      expect(result.confirmations?.filter((at) => at !== undefined)).to.deep.equal([]);
      expect(result.confirmed).to.equal(0);
      seen('20 sent, 0 confirmed: all were lost in the queue, and are reported as unconfirmed');
    });
  });

  row('T18', `answers ${LOOPS} loops of canfdtest as the device under test`, async function (seen) {
    if (FULL) this.timeout(600_000);
    const before = receivers('vcan1');
    const dut = fork(DUT, ['vcan1'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(dut, 'message');
    await until(() => receivers('vcan1') > before, 'it receives');
    const args = ['-g', '-l', String(LOOPS), 'vcan1'];
    const { stdout } = await promisify(execFile)('canfdtest', args);
    expect(stdout).to.include(String(LOOPS));
    const ended = once(dut, 'exit');
    dut.disconnect();
    expect(await ended).to.deep.equal([0, null]);
    seen('exit status 0');
  });
});
