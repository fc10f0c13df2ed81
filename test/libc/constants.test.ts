import { constants as os } from 'node:os';
import { expect } from 'chai';
import * as constants from '../../src/libc/constants';
import * as errno from '../../src/libc/errno';

describe('constants', () => {
  it('have the documented asm-generic values', () => {
    expect(constants).to.include({
      AF_CAN: 29,
      CAN_RAW: 1,
      SOL_CAN_RAW: 101,
      CAN_RAW_FILTER: 1,
      CAN_RAW_ERR_FILTER: 2,
      CAN_RAW_LOOPBACK: 3,
      CAN_RAW_RECV_OWN_MSGS: 4,
      CAN_RAW_FD_FRAMES: 5,
      CAN_RAW_JOIN_FILTERS: 6,
      SO_TIMESTAMPNS_OLD: 35,
      SO_TIMESTAMPNS_NEW: 64,
      SO_RXQ_OVFL: 40,
      SO_MEMINFO: 55,
      MSG_CONFIRM: 0x800,
      MSG_DONTROUTE: 4,
      ARPHRD_CAN: 280,
      AF_NETLINK: 16,
      RTM_NEWLINK: 16,
      RTM_DELLINK: 17,
      RTM_GETLINK: 18,
      NLM_F_DUMP: 0x300,
      IFF_LOWER_UP: 0x10000,
      IFLA_IFNAME: 3,
      IFLA_LINKINFO: 18,
      IFLA_CAN_BERR_COUNTER: 8,
      IFLA_CAN_TERMINATION: 11,
    });
  });
});

describe('error numbers', () => {
  it('are those of the host for every name that Node knows', () => {
    const known = Object.entries(errno).filter(([name]) => name in os.errno);
    expect(known.length).to.be.greaterThan(15);
    for (const [name, number] of known) {
      expect(number, name).to.equal(os.errno[name as keyof typeof os.errno]);
    }
  });

  it('have the documented values for names that Node does not know', () => {
    expect([errno.EBADFD, errno.ENAVAIL]).to.deep.equal([77, 119]);
  });
});
