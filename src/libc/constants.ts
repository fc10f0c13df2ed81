/*
 * Constants of the C headers, by their names there. They have the asm-generic values, which x86, arm, arm64, riscv and
 * loongarch share; MIPS, SPARC and Alpha differ.
 */

/* sys/socket.h */
export const AF_UNIX = 1;
export const AF_NETLINK = 16;
export const AF_CAN = 29;
export const SOCK_RAW = 3;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMP_OLD = 29;
export const SO_TIMESTAMPNS_OLD = 35;
export const SO_TIMESTAMPING_OLD = 37;
export const SO_RXQ_OVFL = 40;
export const SO_MEMINFO = 55;
export const SO_TIMESTAMP_NEW = 63;
export const SO_TIMESTAMPNS_NEW = 64;
export const SO_TIMESTAMPING_NEW = 65;

export const MSG_DONTROUTE = 0x4;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_CONFIRM = 0x800;
export const MSG_NOSIGNAL = 0x4000;

/* linux/sock_diag.h: SO_MEMINFO is an array of u32. */
/** Index of the number of packets that the socket dropped. */
export const SK_MEMINFO_DROPS = 8;
/** Length of the array. */
export const SK_MEMINFO_VARS = 9;

/* linux/can.h, linux/can/raw.h */
export const CAN_RAW = 1;
export const SOL_CAN_RAW = 101;
export const CAN_RAW_FILTER = 1;
export const CAN_RAW_ERR_FILTER = 2;
export const CAN_RAW_LOOPBACK = 3;
export const CAN_RAW_RECV_OWN_MSGS = 4;
export const CAN_RAW_FD_FRAMES = 5;
export const CAN_RAW_JOIN_FILTERS = 6;
/** The kernel accepts this many filters on one socket, and returns EINVAL for one more. */
export const CAN_RAW_FILTER_MAX = 512;

/* linux/net_tstamp.h: flags of SO_TIMESTAMPING */
export const SOF_TIMESTAMPING_RX_HARDWARE = 0x4;
export const SOF_TIMESTAMPING_RX_SOFTWARE = 0x8;
export const SOF_TIMESTAMPING_SOFTWARE = 0x10;
export const SOF_TIMESTAMPING_RAW_HARDWARE = 0x40;

/* linux/ethtool.h */
export const ETHTOOL_GET_TS_INFO = 0x41;

/* poll.h */
export const POLLIN = 0x1;
export const POLLERR = 0x8;
export const POLLNVAL = 0x20;

/* sys/eventfd.h */
export const EFD_NONBLOCK = 0x800;
export const EFD_CLOEXEC = 0x80000;

/* linux/sockios.h, net/if.h, net/if_arp.h */
export const SIOCETHTOOL = 0x8946;
export const SIOCGIFNAME = 0x8910;
export const SIOCGIFFLAGS = 0x8913;
export const SIOCGIFMTU = 0x8921;
export const SIOCGIFTXQLEN = 0x8942;
export const SIOCGIFINDEX = 0x8933;
export const IFNAMSIZ = 16;
export const IFF_UP = 0x1;
export const ARPHRD_CAN = 280;

/* linux/if.h; net/if.h lacks these two. */
/** The interface is up, and its driver reaches the bus. */
export const IFF_LOWER_UP = 0x10000;
/** The driver returns each frame after the controller has transmitted it. */
export const IFF_ECHO = 0x40000;

/* linux/netlink.h */
export const NETLINK_ROUTE = 0;
export const NLM_F_REQUEST = 0x1;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLA_F_NET_BYTEORDER = 0x4000;
export const NLA_F_NESTED = 0x8000;

/* linux/rtnetlink.h */
export const RTMGRP_LINK = 1;
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;

/* linux/if_link.h */
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_TXQLEN = 13;
export const IFLA_LINKINFO = 18;
export const IFLA_STATS64 = 23;
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
export const IFLA_INFO_XSTATS = 3;

/* linux/can/netlink.h */
export const IFLA_CAN_BITTIMING = 1;
export const IFLA_CAN_CLOCK = 3;
export const IFLA_CAN_STATE = 4;
export const IFLA_CAN_CTRLMODE = 5;
export const IFLA_CAN_RESTART_MS = 6;
export const IFLA_CAN_BERR_COUNTER = 8;
export const IFLA_CAN_DATA_BITTIMING = 9;
export const IFLA_CAN_TERMINATION = 11;

/* time.h */
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
