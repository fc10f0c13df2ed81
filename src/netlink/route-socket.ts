import {
  AF_NETLINK,
  NETLINK_ROUTE,
  RTMGRP_LINK,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from '../libc/constants';
import { check } from '../libc/errors';
import { close } from '../libc/file';
import { host } from '../libc/layouts';
import { bind, setsockoptInt, socket } from '../libc/socket';

/** Room for more than 200 notifications: a machine may rename all its interfaces at once. In bytes. */
const NOTIFICATION_BUFFER_SIZE = 512 * 1024;

/**
 * Opens a non-blocking rtnetlink(7) socket, which needs no privilege. Returns its descriptor, or a negative error
 * number. Datagrams sent without an address go to the kernel.
 */
export function openRouteSocket(): number {
  return socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
}

/**
 * Opens a route socket that receives a notification of each change of an interface.
 *
 * @throws {SystemError} without netlink, or without a free descriptor
 */
export function openLinkNotifications(): number {
  const fd = check(openRouteSocket(), 'socket');
  try {
    setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, NOTIFICATION_BUFFER_SIZE);
    const address = host.sockaddr_nl.make({ nl_family: AF_NETLINK, nl_groups: RTMGRP_LINK });
    check(bind(fd, address), 'bind');
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}
