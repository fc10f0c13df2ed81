import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { DataFrame, FrameFormat } from '../../../src';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { HANG_MS, until } from '../../support/waiting/until';
import { isGuest, setLink } from '../../support/kernel/link';
import { SocketRecorder } from '../../support/sockets/socket-recorder';
import { recovery } from '../../support/kernel/recovery';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { refusals } from '../../support/asserts/refusals';
import { run } from '../../support/kernel/shell';
import { row } from '../../support/rows/row';
import { SlcanAdapter } from '../../support/kernel/slcan';
import { thrown } from '../../support/asserts/thrown';

const NAME = 'vcan7';
/** A line every 5 ms, or more seldom on a busy machine: what is promised for the first frame is 1 s. */
const PROMISED_LINES = 200;
const MODPROBE = '/proc/sys/kernel/modprobe';
const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());

describe('Serial adapters and kernel modules that go and come back', () => {
  const adapters: SlcanAdapter[] = [];
  function attach(): SlcanAdapter {
    const adapter = new SlcanAdapter();
    adapters.push(adapter);
    return adapter;
  }
  afterEach(() => {
    for (const adapter of adapters.splice(0)) adapter.close();
    removeLink(NAME);
  });

  row('L11', 'receives again when another serial adapter replaces a pulled one, three times', async (seen) => {
    let adapter = attach();
    const name = adapter.interfaceName;
    const recorder = new SocketRecorder(name).follow().receive();
    await adapter.say('T000000010', 'T000000020');
    await recorder.until(2);
    for (let round = 1; round <= 3; round++) {
      adapter.close();
      await recorder.until('gone', round);
      expect(await recorder.socket.send(frame, { timeoutMs: 20 })).to.include({
        sent: 0,
        expired: 1,
      });
      adapter = attach();
      expect(adapter.interfaceName, 'the name of the new one').to.equal(name);
      const last = recorder.numbers.length;
      let lines = 0;
      await until(() => {
        lines++;
        void adapter.say(`T0000010${round}0`);
        return recorder.numbers.length > last;
      }, 'traffic from the new adapter');
      expect(lines, 'lines until the first is received').to.be.at.most(PROMISED_LINES);
      await recorder.until('up', round);
      expect(await recorder.socket.send(frame, { timeoutMs: HANG_MS })).to.include({ sent: 1 });
      expect(await adapter.lines(1)).to.include('t1230');
    }
    expect(recorder.eventsExceptDown).to.deep.equal(Array(3).fill(['gone', 'back', 'up']).flat());
    recorder.checkTimes();
    seen("each time 'gone', 'back', and traffic both ways");
  });

  row('L11q', 'delivers 100 queued frames when a serial adapter is pulled', async (seen) => {
    const adapter = attach();
    const recorder = new SocketRecorder(adapter.interfaceName, { reopen: false });
    const last = 'T000000FF0';
    for (let number = 0; number < 100; number++) {
      await adapter.say(`T${number.toString(16).padStart(8, '0')}0`);
    }
    const probe = new SocketRecorder(adapter.interfaceName).receive();
    await adapter.say(last);
    await probe.until(0xff); // The driver has taken all that came before.
    adapter.close();
    recorder.follow().receive();
    await recorder.until('close');
    const entries = recorder.entries.map(({ what }) => what).filter((what) => what !== 'down');
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    expect(entries).to.deep.equal([...numbers, 0xff, 'gone', 'error', 'close']);
    seen("all of them, then 'gone', 'error', 'close' (reopen: false)");
  });

  // A user's machine keeps its modules: the reporter lists these rows as skipped there.
  (isGuest() ? describe : describe.skip)('in the guest', () => {
    row('L12', 'keeps receiving when the kernel refuses to remove can_raw', async (seen) => {
      addVcan(NAME);
      const recorder = new SocketRecorder(NAME).follow().receive();
      const traffic = new NumberedTraffic(NAME);
      await recorder.frames(5);
      const refused = thrown(() => execFileSync('rmmod', ['can_raw'], { stdio: 'pipe' }));
      expect(String(refused['stderr'])).to.include('is in use');
      await recorder.frames(traffic.numbers.length + 10);
      expect(recorder.events).to.deep.equal([]);
      seen('refused by the kernel, traffic goes on');
    });

    row('L12', "reports 'gone' and 'back' when the module vcan is removed and loaded", async (seen) => {
      addVcan(NAME);
      const recorder = new SocketRecorder(NAME).follow().receive();
      const traffic = new NumberedTraffic(NAME);
      await recorder.frames(5);
      try {
        run('rmmod', 'vcan');
        await recorder.until('gone');
      } finally {
        // The kernel loads the module by itself for it.
        for (const name of ['vcan0', 'vcan1']) addVcan(name);
      }
      const gone = process.hrtime.bigint();
      addVcan(NAME, 72, false);
      setLink(NAME, true);
      const again = await recovery(recorder, traffic, gone);
      await recorder.until('up');
      expect(recorder.eventsExceptDown).to.deep.equal(['gone', 'back', 'up']);
      recorder.checkTimes();
      seen(`'gone', 'back', and traffic again ${again}`);
    });

    row('L9m', 'throws an error that names the missing module', async (seen) => {
      addVcan(NAME);
      const loader = readFileSync(MODPROBE, 'utf8').trim();
      const others = ['can_gw', 'can_bcm'].filter((name) => isLoaded(name));
      const codes: unknown[] = [];
      try {
        writeFileSync(MODPROBE, '/bin/false'); // Or the kernel would load them for the next socket.
        run('rmmod', 'can_raw');
        codes.push(...refusals(NAME).map(({ code, hint }) => `${String(code)} ${String(hint)}`));
        for (const name of [...others, 'can']) run('rmmod', name);
        codes.push(...refusals(NAME).map(({ code, hint }) => `${String(code)} ${String(hint)}`));
      } finally {
        writeFileSync(MODPROBE, loader);
        for (const name of ['can', 'can-raw', ...others]) run(loader, name);
      }
      expect(codes.slice(0, 2)).to.satisfy((all: string[]) =>
        all.every((each) => /^EPROTONOSUPPORT .*"modprobe can-raw"/.test(each)),
      );
      expect(codes.slice(2)).to.satisfy((all: string[]) =>
        all.every((each) => /^EAFNOSUPPORT .*"modprobe can"/.test(each)),
      );
      const recorder = new SocketRecorder(NAME).receive();
      await recorder.recovery(new NumberedTraffic(NAME), 0n);
      seen('EPROTONOSUPPORT, then EAFNOSUPPORT, each with the module to load; opens when they are back');
    });

    row('L9w', 'waits for can-raw when an interface comes back without it', async (seen) => {
      addVcan(NAME);
      const recorder = new SocketRecorder(NAME).follow().receive();
      const traffic = new NumberedTraffic(NAME);
      await recorder.frames(5);
      traffic.stop();
      const loader = readFileSync(MODPROBE, 'utf8').trim();
      try {
        writeFileSync(MODPROBE, '/bin/false');
        removeLink(NAME);
        await recorder.until('gone');
        await until(() => removed('can_raw'), 'the kernel has removed can_raw');
        addVcan(NAME);
        expect(await recorder.socket.send(frame, { timeoutMs: 300 })).to.include({ sent: 0 });
        expect(recorder.socket.state).to.equal('gone');
      } finally {
        writeFileSync(MODPROBE, loader);
      }
      const there = process.hrtime.bigint();
      const before = traffic.numbers.length;
      await until(() => {
        traffic.write();
        return recorder.numbers.some((number) => number >= before);
      }, 'traffic again');
      const ms = Number((recorder.entries.at(-1)?.calledNs ?? 0n) - there) / 1e6;
      await recorder.until('up');
      expect(recorder.eventsExceptDown).to.deep.equal(['gone', 'back', 'up']);
      seen(`'gone' until there is can-raw; then 'back' and traffic after ${ms.toFixed(0)} ms`);
    });
  });
});

function isLoaded(module: string): boolean {
  return readFileSync('/proc/modules', 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${module} `));
}

function removed(module: string): boolean {
  try {
    run('sh', '-c', `rmmod ${module} 2> /dev/null`);
    return true;
  } catch {
    return false;
  }
}
