import { expect } from 'chai';
import { openSocket } from '../../../src/channel/kernel/open-socket';
import { SOL_SOCKET, SO_TIMESTAMPNS_NEW, SO_TIMESTAMPNS_OLD } from '../../../src/libc/constants';
import { thrown } from '../../support/asserts/thrown';
import { FakeKernel, OPEN_OPTIONS, option } from '../../support/fakes/kernel-calls';
import { ENOPROTOOPT } from '../../support/headers/constants';

/** linux/net_tstamp.h: SOF_TIMESTAMPING_RX_HARDWARE 4, RX_SOFTWARE 8, SOFTWARE 16, RAW_HARDWARE 64. */
const ASKED = 4 + 8 + 16 + 64;
const NEW = option(SOL_SOCKET, 65);
const OLD = option(SOL_SOCKET, 37);
const SOFTWARE = option(SOL_SOCKET, SO_TIMESTAMPNS_NEW);
const OLD_SOFTWARE = option(SOL_SOCKET, SO_TIMESTAMPNS_OLD);

function open(timestamps: 'software' | 'hardware', answers: Readonly<Record<string, number>> = {}) {
  const kernel = new FakeKernel(answers);
  const opened = openSocket('can7', { ...OPEN_OPTIONS, timestamps }, () => undefined, kernel.calls);
  return { kernel, opened };
}

describe("openSocket with timestamps: 'software'", () => {
  it('does not ask the interface', () => {
    expect(open('software').kernel.log).to.not.include('timestampingOf can7');
  });

  it('uses SO_TIMESTAMPNS_OLD when the kernel does not know the new option', () => {
    const { kernel, opened } = open('software', { [`set ${SOFTWARE}`]: -ENOPROTOOPT });
    expect(opened.timestamps).to.equal('software');
    expect(kernel.values.get(OLD_SOFTWARE)).to.equal(1);
  });

  it('throws when the kernel refuses both options', () => {
    const refusals = { [`set ${SOFTWARE}`]: -ENOPROTOOPT, [`set ${OLD_SOFTWARE}`]: -ENOPROTOOPT };
    const error = thrown(() => open('software', refusals));
    expect(error).to.include({ code: 'ENOPROTOOPT', syscall: 'setsockopt', interface: 'can7' });
  });
});

describe("openSocket with timestamps: 'hardware'", () => {
  it('requests both kinds of timestamps when the interface offers them', () => {
    const { kernel, opened } = open('hardware', { timestampingOf: 4 + 64 });
    expect(opened.timestamps).to.equal('hardware');
    expect(kernel.values.get(NEW)).to.equal(ASKED);
    expect(kernel.values.has(OLD)).to.equal(false);
    expect(kernel.values.has(SOFTWARE)).to.equal(false);
  });

  it('uses the option of Linux before 5.1 when the kernel does not know the new one', () => {
    const { kernel, opened } = open('hardware', { timestampingOf: 0x5f, [`set ${NEW}`]: -ENOPROTOOPT });
    expect(opened.timestamps).to.equal('hardware');
    expect(kernel.values.get(OLD)).to.equal(ASKED);
    expect(kernel.values.has(NEW)).to.equal(false);
  });

  it('asks the interface before it sets any option', () => {
    const { kernel } = open('hardware', { timestampingOf: 4 });
    const set = kernel.log.findIndex((line) => line.startsWith('set '));
    expect(kernel.log.slice(0, set)).to.include('timestampingOf can7');
  });

  it('falls back to timestamps of the kernel when the interface offers none, or does not answer', () => {
    for (const offered of [0, 8 + 16, 64, -95, -19]) {
      const { kernel, opened } = open('hardware', { timestampingOf: offered });
      expect(opened.timestamps, `offered ${offered}`).to.equal('software');
      expect(kernel.values.get(SOFTWARE)).to.equal(1);
      expect(kernel.values.has(NEW) || kernel.values.has(OLD)).to.equal(false);
    }
  });

  it('throws when the kernel refuses both options', () => {
    const refusals = { [`set ${NEW}`]: -ENOPROTOOPT, [`set ${OLD}`]: -ENOPROTOOPT };
    const error = thrown(() => open('hardware', { timestampingOf: 4, ...refusals }));
    expect(error).to.include({ code: 'ENOPROTOOPT', syscall: 'setsockopt', interface: 'can7' });
  });
});
