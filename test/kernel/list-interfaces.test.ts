import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { expect } from 'chai';
import { listInterfaces, type CANInterface } from '../../src';
import { check, close, host, ioctl, read, sendto, SIOCGIFNAME } from '../../src/libc';
import { openRouteSocket } from '../../src/socket/link/dump';
import { addVcan, canutil, ip, removeLink } from '../support/kernel/guest';
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

  it('tells a vcan that is down, and then up', () => {
    addVcan('vcan7', 72, false);
    expect(find('vcan7')).to.include({ up: false, carrier: false, kind: 'vcan' });
    ip('link', 'set', 'vcan7', 'up');
    expect(find('vcan7')).to.include({ up: true, carrier: true, kind: 'vcan', mtu: 72, fd: true });
    ip('link', 'set', 'vcan7', 'down');
    expect(find('vcan7')).to.include({ up: false, carrier: false });
  });

  it('tells MTU and queue length as they are set', () => {
    addVcan('vcan7', 16);
    expect(find('vcan7')).to.include({ mtu: 16, fd: false });
    ip('link', 'set', 'vcan7', 'txqueuelen', '123');
    expect(find('vcan7')?.txQueueLength).to.equal(123);
  });

  it('counts frames and their bytes', async () => {
    addVcan('vcan7');
    await canutil('cansend', 'vcan7', '123#112233');
    await canutil('cansend', 'vcan7', '123##1001122334455667788990011');
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

  it('tells by the carrier whether the peer of a vxcan is up', () => {
    ip('link', 'add', 'vxa', 'type', 'vxcan', 'peer', 'name', 'vxb');
    ip('link', 'set', 'vxa', 'up');
    expect(find('vxa')).to.include({ kind: 'vxcan', up: true, carrier: false });
    expect(find('vxb')).to.include({ kind: 'vxcan', up: false, carrier: false });
    ip('link', 'set', 'vxb', 'up');
    expect(find('vxa')).to.include({ up: true, carrier: true });
    ip('link', 'set', 'vxb', 'down');
    expect(find('vxa')).to.include({ up: true, carrier: false });
  });

  it('has CAN interfaces of any name, in the order of their indices, and none of other hardware', () => {
    for (const name of odd) addVcan(name);
    ip('link', 'add', 'dum0', 'type', 'dummy');
    const found = listInterfaces();
    const names = found.map(({ name }) => name);
    expect(names).to.include.members(['vcan0', 'vcan1', ...odd]);
    expect(names).to.not.include.members(['lo']);
    expect(names).to.not.include.members(['dum0']);
    const indices = found.map(({ index }) => index);
    expect(indices).to.deep.equal([...indices].sort((a, b) => a - b));
    for (const { name, index } of found) {
      const shown = execFileSync('ip', ['-o', 'link', 'show', 'dev', name], { encoding: 'utf8' });
      expect(shown).to.match(new RegExp(`^${index}: `));
    }
  });

  it('has 100 interfaces more, for which the kernel needs several datagrams', () => {
    const names = Array.from({ length: 100 }, (_, i) => `many${i}`);
    const batch = (line: (name: string) => string) =>
      execFileSync('ip', ['-batch', '-'], { input: names.map(line).join('\n') });
    const before = listInterfaces().length;
    batch((name) => `link add ${name} type vcan`);
    try {
      expect(datagrams()).to.be.greaterThan(3);
      const found = listInterfaces();
      expect(found).to.have.length(before + 100);
      expect(found.map(({ name }) => name)).to.include.members(names);
    } finally {
      batch((name) => `link del ${name}`);
    }
    expect(listInterfaces()).to.have.length(before);
  });

  it('has every interface that stays, while others come and go', async () => {
    const script = 'for i in $(seq 40); do ip link add vcan7 type vcan; ip link del vcan7; done';
    const churn = canutil('sh', '-c', script);
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

  it('does not have the interfaces of another network namespace', () => {
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
  const { O_RDWR, O_NOCTTY } = constants;
  let master = -1;
  let slave = -1;
  let name = '';

  function int(fd: number, request: number, value: number): number {
    const argument = new Int32Array([value]);
    check(ioctl(fd, request, new Uint8Array(argument.buffer)), 'ioctl');
    return argument[0] as number;
  }

  // A serial adapter at a pseudo-terminal, with the kernel's slcan driver at the other end.
  before(() => {
    master = openSync('/dev/ptmx', O_RDWR | O_NOCTTY);
    int(master, 0x4004_5431, 0); // TIOCSPTLCK
    slave = openSync(`/dev/pts/${int(master, 0x8004_5430, 0)}`, O_RDWR | O_NOCTTY); // TIOCGPTN
    int(slave, 0x5423, 17); // TIOCSETD, N_SLCAN
    const bytes = Buffer.alloc(16);
    check(ioctl(slave, SIOCGIFNAME, bytes), 'ioctl');
    name = bytes.toString('latin1', 0, bytes.indexOf(0));
  });

  after(() => {
    closeSync(slave);
    closeSync(master);
  });

  it('tells that it is stopped, and error-active once it is up', () => {
    expect(find(name)).to.include({ kind: 'can', up: false, state: 'stopped', restartMs: 0 });
    ip('link', 'set', name, 'up');
    expect(find(name)).to.include({ up: true, carrier: true, state: 'error-active', mtu: 16 });
  });

  it('has no bit rate while the kernel does not know it', () => {
    expect(find(name)).to.not.have.any.keys('bitrate', 'samplePoint', 'clock');
  });

  it('tells error-passive and bus-off as the driver learns of them, and counts them', async () => {
    writeSync(master, 'sp010130\r');
    await until(() => find(name)?.state === 'error-passive', 'the controller is error-passive');
    expect(find(name)?.deviceStatistics).to.include({ errorPassive: 1, busOff: 0 });
    writeSync(master, 'sb256000\r');
    await until(() => find(name)?.state === 'bus-off', 'the controller is in bus-off');
    expect(find(name)?.deviceStatistics).to.include({ errorPassive: 1, busOff: 1 });
    expect(find(name)).to.include({ up: true, carrier: false });
  });

  it('tells bit rate and modes as they are set', () => {
    ip('link', 'set', name, 'down');
    ip('link', 'set', name, 'type', 'can', 'bitrate', '250000', 'listen-only', 'on');
    expect(find(name)).to.deep.include({ bitrate: 250_000, modes: ['listen-only'] });
  });
});
