import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { listInterfaces, type CANInterface } from '../../src';
import { check } from '../../src/libc/errors';
import { close, read } from '../../src/libc/file';
import { host } from '../../src/libc/layouts';
import { sendto } from '../../src/libc/message';
import { openRouteSocket } from '../../src/netlink/route-socket';
import { addVcan, cansend, canutil, ip, removeLink } from '../support/kernel/guest';
import { changeLink, makeLink, makeVxcan } from '../support/kernel/rtnetlink';
import { SlcanAdapter } from '../support/kernel/slcan';
import { until } from '../support/waiting/until';
import { openDescriptors } from '../support/processes/process';

function find(name: string): CANInterface | undefined {
  return listInterfaces().find((each) => each.name === name);
}

/** How many datagrams the kernel needs for the answer to RTM_GETLINK. */
function datagrams(): number {
  const fd = check(openRouteSocket(), 'socket');
  try {
    const { nlmsghdr, ifinfomsg } = host;
    const header = nlmsghdr.make({ nlmsg_len: 32, nlmsg_type: 18, nlmsg_flags: 0x301 });
    check(sendto(fd, Buffer.concat([header, ifinfomsg.make({})]), 0), 'sendto');
    const buffer = new Uint8Array(65536);
    let count = 0;
    while (read(fd, buffer) > 0) count++;
    return count;
  } finally {
    close(fd);
  }
}

describe('listInterfaces on a kernel with CAN', () => {
  const odd = ['CAN_A', 'can-0', 'scan0', 'vcan0.1', '\u00fcber0'];
  const made = [...odd, 'vcan7', 'vxa', 'dum0'];

  afterEach(() => {
    for (const name of made) removeLink(name);
  });

  it('reports whether a vcan is up', () => {
    addVcan('vcan7', 72, false);
    expect(find('vcan7')).to.include({ up: false, carrier: false, kind: 'vcan' });
    changeLink('vcan7', { up: true });
    expect(find('vcan7')).to.include({ up: true, carrier: true, kind: 'vcan', mtu: 72, fd: true });
    changeLink('vcan7', { up: false });
    expect(find('vcan7')).to.include({ up: false, carrier: false });
  });

  it('reports MTU and queue length as they are set', () => {
    addVcan('vcan7', 16);
    expect(find('vcan7')).to.include({ mtu: 16, fd: false });
    ip('link', 'set', 'vcan7', 'txqueuelen', '123');
    expect(find('vcan7')?.txQueueLength).to.equal(123);
  });

  it('reports the counts of frames and their bytes', () => {
    addVcan('vcan7');
    cansend('vcan7', '123#112233', '123##1001122334455667788990011');
    expect(find('vcan7')?.traffic).to.deep.equal({
      rxFrames: 2,
      txFrames: 2,
      rxBytes: 15,
      txBytes: 15,
      rxErrors: 0,
      txErrors: 0,
      rxDropped: 0,
      txDropped: 0,
    });
  });

  it('reports by the carrier whether the peer of a vxcan is up', () => {
    makeVxcan('vxa', 'vxb', false);
    changeLink('vxa', { up: true });
    expect(find('vxa')).to.include({ kind: 'vxcan', up: true, carrier: false });
    expect(find('vxb')).to.include({ kind: 'vxcan', up: false, carrier: false });
    changeLink('vxb', { up: true });
    expect(find('vxa')).to.include({ up: true, carrier: true });
    changeLink('vxb', { up: false });
    expect(find('vxa')).to.include({ up: true, carrier: false });
  });

  it('lists CAN interfaces of any name by index, and no other interfaces', () => {
    for (const name of odd) addVcan(name);
    makeLink('dum0', 'dummy');
    const found = listInterfaces();
    const names = found.map(({ name }) => name);
    expect(names).to.include.members(['vcan0', 'vcan1', ...odd]);
    expect(names).to.not.include.members(['lo']);
    expect(names).to.not.include.members(['dum0']);
    const indices = found.map(({ index }) => index);
    expect(indices).to.deep.equal([...indices].sort((a, b) => a - b));
    const shown = execFileSync('ip', ['-o', 'link', 'show'], { encoding: 'utf8' });
    for (const { name, index } of found) expect(shown).to.include(`${index}: ${name}: `);
  });

  it('lists 100 more interfaces, for which the kernel needs several datagrams', () => {
    const names = Array.from({ length: 100 }, (_, i) => `many${i}`);
    const before = listInterfaces().length;
    try {
      for (const name of names) makeLink(name, 'vcan');
      expect(datagrams()).to.be.greaterThan(3);
      const found = listInterfaces();
      expect(found).to.have.length(before + 100);
      expect(found.map(({ name }) => name)).to.include.members(names);
    } finally {
      for (const name of names) removeLink(name);
    }
    expect(listInterfaces()).to.have.length(before);
  });

  it('lists every interface that stays while others come and go', async () => {
    // One process for all: it makes and removes the interface as fast as it can.
    const script = `for i in $(seq 40); do echo link add vcan7 type vcan; echo link del vcan7; done`;
    const churn = canutil('sh', '-c', `(${script}) | ip -batch -`);
    let over = false;
    void churn.finally(() => (over = true)).catch(() => undefined);
    await until(() => {
      const names = listInterfaces().map(({ name }) => name);
      expect(names.filter((name) => name !== 'vcan7')).to.include.members(['vcan0', 'vcan1']);
      expect(new Set(names).size).to.equal(names.length);
      return over;
    }, 'interfaces came and went');
    await churn;
  });

  it('does not list interfaces of another network namespace', () => {
    ip('netns', 'add', 'elsewhere');
    try {
      ip('-n', 'elsewhere', 'link', 'add', 'vcan7', 'type', 'vcan');
      expect(find('vcan7')).to.equal(undefined);
      ip('-n', 'elsewhere', 'link', 'set', 'vcan7', 'netns', '1');
      expect(find('vcan7')).to.include({ kind: 'vcan', up: false });
    } finally {
      ip('netns', 'del', 'elsewhere');
    }
  });

  it('leaves no descriptor open', () => {
    const before = openDescriptors();
    for (let i = 0; i < 10; i++) listInterfaces();
    expect(openDescriptors()).to.deep.equal(before);
  });
});

describe('listInterfaces with a controller', () => {
  let adapter: SlcanAdapter;
  let name = '';

  // A serial adapter at a pseudo-terminal, with the kernel's slcan driver at the other end.
  before(() => {
    adapter = new SlcanAdapter(false);
    name = adapter.interfaceName;
  });

  after(() => {
    adapter.close();
  });

  it("reports 'stopped' while it is down and 'error-active' once it is up", () => {
    expect(find(name)).to.include({ kind: 'can', up: false, state: 'stopped', restartMs: 0 });
    changeLink(name, { up: true });
    expect(find(name)).to.include({ up: true, carrier: true, state: 'error-active', mtu: 16 });
  });

  it('reports no bit rate while the kernel does not know it', () => {
    expect(find(name)).to.not.have.any.keys('bitrate', 'samplePoint', 'clock');
  });

  it('reports and counts error-passive and bus-off when the driver learns of them', async () => {
    await adapter.say('sp010130');
    await until(() => find(name)?.state === 'error-passive', 'the controller is error-passive');
    expect(find(name)?.deviceStatistics).to.include({ errorPassive: 1, busOff: 0 });
    await adapter.say('sb256000');
    await until(() => find(name)?.state === 'bus-off', 'the controller is in bus-off');
    expect(find(name)?.deviceStatistics).to.include({ errorPassive: 1, busOff: 1 });
    expect(find(name)).to.include({ up: true, carrier: false });
  });

  it('reports bit rate and modes as they are set', () => {
    changeLink(name, { up: false });
    ip('link', 'set', name, 'type', 'can', 'bitrate', '250000', 'listen-only', 'on');
    expect(find(name)).to.deep.include({ bitrate: 250_000, modes: ['listen-only'] });
  });
});
