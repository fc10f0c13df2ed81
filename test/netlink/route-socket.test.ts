import { readFileSync, readlinkSync } from 'node:fs';
import { expect } from 'chai';
import { RTMGRP_LINK, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../../src/libc/constants';
import { EAGAIN } from '../../src/libc/errno';
import { close, read } from '../../src/libc/file';
import { openLinkNotifications, openRouteSocket } from '../../src/netlink/route-socket';
import { openFlags } from '../support/processes/process';

/** Returns the multicast groups of a bound netlink socket, from /proc/net/netlink. */
function groupsOf(fd: number): number {
  const inode = /\d+/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[0];
  const columns = readFileSync('/proc/net/netlink', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((each) => each[9] === inode);
  return parseInt(columns?.[3] ?? '', 16);
}

for (const open of [openRouteSocket, openLinkNotifications]) {
  describe(open.name, () => {
    it('returns a non-blocking socket that child processes do not inherit', () => {
      const fd = open();
      try {
        const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
        expect(openFlags(fd) & flags).to.equal(flags);
        expect(read(fd, new Uint8Array(64))).to.equal(-EAGAIN);
      } finally {
        close(fd);
      }
    });
  });
}

describe('openLinkNotifications', () => {
  it('joins the multicast group of links', () => {
    const fd = openLinkNotifications();
    try {
      expect(groupsOf(fd)).to.equal(RTMGRP_LINK);
    } finally {
      close(fd);
    }
  });
});
