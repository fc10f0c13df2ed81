import { expect } from 'chai';
import { checkProperties } from '../../../src/cli/commands/doctor/interface';
import { VirtualBus, type CANInterface } from '../../../src';
import { cli } from '../../support/processes/cli';
import { canResult } from '../../support/kernel/can';

/** A controller without faults. The tests change some of its properties. */
const GOOD: CANInterface = {
  ...{ name: 'can0', index: 3, kind: 'can', up: true, carrier: true, mtu: 16, fd: false },
  ...{ txQueueLength: 1000, state: 'error-active', bitrate: 500_000, restartMs: 100 },
  ...{ errorCounters: { tx: 0, rx: 0 }, modes: [] },
};

/** The faults: check, severity, and the commands that fix it. */
function wrongWith(changes: Partial<CANInterface>, fd = false): string[] {
  return checkProperties({ ...GOOD, ...changes }, { fd })
    .filter(({ result }) => result !== 'ok')
    .map(({ check, result, fix = [] }) => [check, result, ...fix].join(': '));
}

describe('socketcan doctor', () => {
  it('finds no fault in a good controller', () => {
    expect(wrongWith({})).to.deep.equal([]);
  });

  it('finds an interface that is down, and a controller without a bit rate', () => {
    expect(wrongWith({ up: false, carrier: false, state: 'stopped' })).to.deep.equal([
      'link: fail: sudo ip link set can0 up',
    ]);
    const { bitrate, ...without } = GOOD;
    expect(bitrate).to.equal(500_000);
    const findings = checkProperties({ ...without, up: false, state: 'stopped' }, { fd: false });
    expect(findings.filter(({ result }) => result === 'fail')).to.deep.include({
      check: 'bitrate',
      result: 'fail',
      message: 'can0 has no bit rate; set the bit rate of the bus',
      fix: ['sudo ip link set can0 up type can bitrate 500000 restart-ms 100'],
    });
  });

  it('finds a controller that is bus-off, and one that does not restart', () => {
    expect(wrongWith({ state: 'bus-off', carrier: false, restartMs: 0 })).to.deep.equal([
      'link: fail',
      'state: fail: sudo ip link set can0 down && sudo ip link set can0 type can restart-ms 100 && sudo ip link set can0 up',
    ]);
    expect(wrongWith({ restartMs: 0 })[0]).to.match(/^restart: warn: .*restart-ms 100/);
  });

  it('finds a controller without acknowledgement, and prints its error counters', () => {
    const findings = checkProperties(
      { ...GOOD, state: 'error-passive', errorCounters: { tx: 128, rx: 3 } },
      { fd: false },
    );
    const state = findings.find(({ check }) => check === 'state');
    expect(state?.result).to.equal('warn');
    expect(state?.message).to.include('error-passive, error counters 128 (tx), 3 (rx)');
    expect(wrongWith({ modes: ['listen-only'] })).to.deep.equal(['mode: warn']);
  });

  it('finds a short transmit queue, and with --fd an interface without CAN FD', () => {
    expect(wrongWith({ txQueueLength: 10 })).to.deep.equal(['queue: warn: sudo ip link set can0 txqueuelen 1000']);
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

  it('finds no fault in a virtual bus, and with --fd one without CAN FD', async () => {
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
    it('reports a kernel without CAN, how to load it, and what works without it', async () => {
      const { code, stdout } = await cli('doctor', 'can0');
      expect(code).to.equal(1);
      expect(stdout).to.match(/^fail +kernel +this kernel has no (raw )?CAN/m);
      expect(stdout).to.include('$ sudo modprobe can').and.to.include('virtual:NAME');
    });

    it('lists no interfaces, and prints what to do', async () => {
      const { code, stdout, stderr } = await cli('list');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
      expect(stderr).to.include('socketcan doctor').and.to.include('virtual:NAME');
    });
  }
});
