import { expect } from 'chai';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { CANSocket, DataFrame, type ReceivedFrame } from '../../../src';
import { addVcan, ip, receivers, removeLink, tc } from '../../support/kernel/guest';
import { until } from '../../support/waiting/until';
import { held } from '../../support/asserts/loop-delay';
import { row } from '../../support/rows/row';
import { run } from '../../support/kernel/shell';

const DUT = join(__dirname, '..', '..', 'support', 'fixtures', `dut${extname(__filename)}`);

/** All vcans that are there, and whether each is up, go with the module; these are put back. */
const OURS = ['vcan0', 'vcan1'];

/** Loads vcan anew: with echo=1 it returns frames as the driver of a controller does, after its queue. */
function reloadVcan(...parameters: string[]): void {
  const others = readdirSync('/sys/class/net').filter(
    (name) => /^v(can|cgw)/.test(name) && !OURS.includes(name),
  );
  // On a machine of the user's: nothing of his may go.
  expect(others, 'interfaces that reloading the module vcan would remove').to.deep.equal([]);
  for (const name of OURS) removeLink(name);
  // The kernel's own: in the guest the modules are not where modprobe(8) looks.
  const modprobe = readFileSync('/proc/sys/kernel/modprobe', 'utf8').trim();
  run('rmmod', 'vcan');
  run(modprobe, 'vcan', ...parameters);
}

describe('sending: echoes', () => {
  let socket: CANSocket;

  describe('of a driver that returns frames itself, 50 ms after they were queued', () => {
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

    row(
      'T11',
      '50 frames, one after another without waiting, every other with echo',
      async (seen) => {
        await socket.send(new DataFrame(29, 1000, new Uint8Array()), { confirm: true });
        const own: ReceivedFrame[] = [];
        socket.on('frames', (frames) => own.push(...frames.filter((each) => each.own)));
        const { value, loop } = await held(() =>
          Promise.all(
            Array.from({ length: 100 }, (_, i) =>
              socket.send(new DataFrame(29, i, new Uint8Array(8)), { echo: i % 2 === 0 }),
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
      },
    );

    row('T11b', '50 frames with confirm, one by one in flight', async (seen) => {
      await socket.send(new DataFrame(29, 1000, new Uint8Array()), { confirm: true });
      const { value: results, loop } = await held(() =>
        Promise.all(
          Array.from({ length: 50 }, (_, i) => {
            const begin = process.hrtime.bigint();
            return socket
              .send(new DataFrame(29, i, new Uint8Array(8)), { confirm: true, timeoutMs: 10_000 })
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
      seen(
        '50 of 50 confirmed, each 50 ms or more after it was sent, stamped before its call ended',
        loop,
      );
    });

    row('T11c', 'frames confirmed though the link goes down on the way', async (seen) => {
      tc('qdisc', 'change', 'dev', 'vcan7', 'root', 'netem', 'delay', '1s', 'limit', '1000');
      const sending = socket.send(
        Array.from({ length: 20 }, (_, i) => new DataFrame(29, i, new Uint8Array(8))),
        { confirm: true, timeoutMs: 20_000 },
      );
      await until(() => socket.statistics.sent === 20, 'all are queued');
      ip('link', 'set', 'vcan7', 'down');
      ip('link', 'set', 'vcan7', 'up');
      const later = await socket.send(new DataFrame(29, 99, new Uint8Array()), {
        confirm: true,
        timeoutMs: 10_000,
      });
      expect(later).to.include({ confirmed: 1 });
      const result = await sending;
      expect(result).to.include({ sent: 20 });
      expect(result.confirmations?.filter((at) => at !== undefined)).to.have.lengthOf(
        result.confirmed,
      );
      expect(result.confirmed).to.be.lessThan(20);
      seen(`20 sent, ${result.confirmed} confirmed: the others died in the queue, and are said to`);
    });
  });

  row(
    'T18',
    'canfdtest, 10,000 loops, against a CANSocket as the device under test',
    async function (seen) {
      this.timeout(120_000);
      const before = receivers('vcan1');
      const dut = fork(DUT, ['vcan1'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      await once(dut, 'message');
      await until(() => receivers('vcan1') > before, 'it receives');
      const { stdout } = await promisify(execFile)('canfdtest', ['-g', '-l', '10000', 'vcan1'], {
        timeout: 100_000,
      });
      expect(stdout).to.match(/10000/);
      const ended = once(dut, 'exit');
      dut.disconnect();
      expect(await ended).to.deep.equal([0, null]);
      seen('exit status 0');
    },
  );
});
