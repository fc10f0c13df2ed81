import { expect } from 'chai';
import { checkKnown } from '../../src/cli/doctor/interface';
import { VirtualBus, type CANInterface } from '../../src';
import { cli } from '../support/processes/cli';
import { canResult } from '../support/kernel/can';

/** A controller in order; what a test changes is what is wrong with it. */
const GOOD: CANInterface = {
  ...{ name: 'can0', index: 3, kind: 'can', up: true, carrier: true, mtu: 16, fd: false },
  ...{ txQueueLength: 1000, state: 'error-active', bitrate: 500_000, restartMs: 100 },
  ...{ errorCounters: { tx: 0, rx: 0 }, modes: [] },
};

/** What is not in order: the check, how bad it is, and the commands that mend it. */
function wrongWith(changes: Partial<CANInterface>, fd = false): string[] {
  return checkKnown({ ...GOOD, ...changes }, { fd })
    .filter(({ result }) => result !== 'ok')
    .map(({ check, result, fix = [] }) => [check, result, ...fix].join(': '));
}

describe('socketcan doctor', () => {
  it('finds a good controller in order', () => {
    expect(wrongWith({})).to.deep.equal([]);
  });

  it('finds an interface that is down, and a controller that has no bit rate', () => {
    expect(wrongWith({ up: false, carrier: false, state: 'stopped' })).to.deep.equal([
      'link: fail: sudo ip link set can0 up',
    ]);
    const { bitrate, ...without } = GOOD;
    expect(bitrate).to.equal(500_000);
    const findings = checkKnown({ ...without, up: false, state: 'stopped' }, { fd: false });
    expect(findings.filter(({ result }) => result === 'fail')).to.deep.include({
      check: 'bitrate',
      result: 'fail',
      message: 'can0 has no bit rate; it must be that of the bus',
      fix: ['sudo ip link set can0 up type can bitrate 500000 restart-ms 100'],
    });
  });

  it('finds an interface off the bus, and one that stays off it', () => {
    expect(wrongWith({ state: 'bus-off', carrier: false, restartMs: 0 })).to.deep.equal([
      'link: fail',
      'state: fail: sudo ip link set can0 down && sudo ip link set can0 type can restart-ms 100 && sudo ip link set can0 up',
    ]);
    expect(wrongWith({ restartMs: 0 })[0]).to.match(/^restart: warn: .*restart-ms 100/);
  });

  it('finds a controller that nobody acknowledges, with its counters', () => {
    const findings = checkKnown(
      { ...GOOD, state: 'error-passive', errorCounters: { tx: 128, rx: 3 } },
      { fd: false },
    );
    const state = findings.find(({ check }) => check === 'state');
    expect(state?.result).to.equal('warn');
    expect(state?.message).to.include('error-passive, error counters 128 (tx), 3 (rx)');
    expect(wrongWith({ modes: ['listen-only'] })).to.deep.equal(['mode: warn']);
  });

  it('finds a short queue, and no CAN FD where it is wanted', () => {
    expect(wrongWith({ txQueueLength: 10 })).to.deep.equal([
      'queue: warn: sudo ip link set can0 txqueuelen 1000',
    ]);
    expect(wrongWith({}, true)).to.deep.equal([
      'fd: fail: sudo ip link set can0 down && sudo ip link set can0 up type can bitrate 500000 dbitrate 2000000 fd on',
    ]);
    expect(wrongWith({ mtu: 72, fd: true }, true)).to.deep.equal([]);
    expect(wrongWith({ kind: 'vcan' }, true)).to.deep.equal([
      'fd: fail: sudo ip link set can0 down && sudo ip link set can0 mtu 72 && sudo ip link set can0 up',
    ]);
  });

  it('finds an interface whose peer is down', () => {
    expect(wrongWith({ kind: 'vxcan', carrier: false })[0]).to.match(/^link: fail/);
  });

  it('finds a virtual bus in order, or without CAN FD', async () => {
    const good = await cli('doctor', '--fd', 'virtual:doctor');
    expect(good.code).to.equal(0);
    expect(good.stdout).to.match(/^ok +runtime +Node\.js v\d+.*, koffi \d+\.\d+\.\d+, linux/);
    VirtualBus.get('doctor').configure({ mtu: 16 });
    const classic = await cli('doctor', '--fd', '--json', 'virtual:doctor');
    expect(classic.code).to.equal(1);
    const findings = classic.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(findings.at(-1)).to.include({ check: 'fd', result: 'fail' });
    VirtualBus.get('doctor').reset();
  });

  if (canResult < 0) {
    it('says that this kernel has no CAN, what brings it, and what works without', async () => {
      const { code, stdout } = await cli('doctor', 'can0');
      expect(code).to.equal(1);
      expect(stdout).to.match(/^fail +kernel +this kernel has no (raw )?CAN/m);
      expect(stdout).to.include('$ sudo modprobe can').and.to.include('virtual:NAME');
    });

    it('lists no interfaces, and says what to do', async () => {
      const { code, stdout, stderr } = await cli('list');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
      expect(stderr).to.include('socketcan doctor').and.to.include('virtual:NAME');
    });
  }
});
