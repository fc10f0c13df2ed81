import define from 'ref-struct-di';
import { bytes, ctypes, hostABI, ref, type ABI } from './ref';

/** Type of a member of a struct: a type of ./ref or another struct. */
interface Member {
  readonly size: number;
  readonly alignment: number;
  readonly indirection: 1;
}

/** The memory layout of a C struct, in bytes. It can be the type of a member of another struct. */
interface Layout<Name extends string = string> extends Member {
  readonly offset: Readonly<Record<Name, number>>;
  /** Returns a struct with these members, all others 0. A member as wide as a pointer is a bigint. */
  make(members: Partial<Record<Name, number | bigint | Uint8Array>>): Buffer;
}

/** Returns the layouts of all structs that this library exchanges with the kernel, for one machine. */
export function layouts(abi: ABI) {
  const Struct = define(ref(abi));
  const t = ctypes(abi);
  const layout = <Name extends string>(members: Record<Name, Member>): Layout<Name> => {
    const type = Struct(members);
    const offset = Object.fromEntries(
      Object.entries(type.fields).map(([name, field]) => [name, field.offset]),
    ) as Record<Name, number>;
    const { size, alignment, indirection } = type;
    return { size, alignment, indirection, offset, make: (values) => new type(values).ref() };
  };

  /** sys/socket.h: struct msghdr of the kernel and glibc. */
  const msghdr = layout({
    msg_name: t.pointer,
    msg_namelen: t.u32,
    msg_iov: t.pointer,
    msg_iovlen: t.size_t,
    msg_control: t.pointer,
    msg_controllen: t.size_t,
    msg_flags: t.int,
  });

  return {
    /** linux/can.h: struct can_frame { canid_t can_id; __u8 len, __pad, __res0, len8_dlc; __u8 data[8]; } */
    can_frame: layout({
      can_id: t.u32,
      len: t.u8,
      pad: t.u8,
      res0: t.u8,
      len8_dlc: t.u8,
      data: bytes(8),
    }),
    /** linux/can.h: struct canfd_frame { canid_t can_id; __u8 len, flags, __res0, __res1; __u8 data[64]; } */
    canfd_frame: layout({
      can_id: t.u32,
      len: t.u8,
      flags: t.u8,
      res0: t.u8,
      res1: t.u8,
      data: bytes(64),
    }),
    /** linux/can.h: struct can_filter { canid_t can_id, can_mask; } */
    can_filter: layout({ can_id: t.u32, can_mask: t.u32 }),
    /** linux/can.h: struct sockaddr_can. Its union has the members of tp here, and the rest of the larger j1939. */
    sockaddr_can: layout({
      can_family: t.u16,
      can_ifindex: t.int,
      rx_id: t.u32,
      tx_id: t.u32,
      j1939_rest: bytes(8),
    }),
    /** sys/uio.h: struct iovec { void *iov_base; size_t iov_len; } */
    iovec: layout({ iov_base: t.pointer, iov_len: t.size_t }),
    msghdr,
    /** sys/socket.h: struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; } */
    mmsghdr: layout({ msg_hdr: msghdr, msg_len: t.u32 }),
    /** sys/socket.h: struct cmsghdr { size_t cmsg_len; int cmsg_level, cmsg_type; }, followed by its data. */
    cmsghdr: layout({ cmsg_len: t.size_t, cmsg_level: t.int, cmsg_type: t.int }),
    /** sys/time.h: struct timeval of the C library, which SO_TIMESTAMP_OLD uses as well. */
    timeval: layout({ tv_sec: t.long, tv_usec: t.long }),
    /** time.h: struct timespec of the C library, which SO_TIMESTAMPNS_OLD uses as well. */
    timespec: layout({ tv_sec: t.long, tv_nsec: t.long }),
    /** linux/time_types.h: struct __kernel_timespec, which SO_TIMESTAMPNS_NEW uses. 64-bit on every machine. */
    kernel_timespec: layout({ tv_sec: t.i64, tv_nsec: t.i64 }),
    /** poll.h: struct pollfd { int fd; short events, revents; } */
    pollfd: layout({ fd: t.int, events: t.i16, revents: t.i16 }),
    /** net/if.h: struct ifreq { char ifr_name[16]; union { ... } }. The largest member of the union is struct ifmap. */
    ifreq: layout({
      ifr_name: bytes(16),
      ifr_value: t.long,
      rest: bytes(abi.pointer === 8 ? 16 : 12),
    }),
    /** linux/ethtool.h: struct ethtool_ts_info { __u32 cmd, so_timestamping; __s32 phc_index; __u32 tx_types, ...; } */
    ethtool_ts_info: layout({
      cmd: t.u32,
      so_timestamping: t.u32,
      phc_index: t.int,
      tx_types: t.u32,
      tx_reserved: bytes(12),
      rx_filters: t.u32,
      rx_reserved: bytes(12),
    }),
    /** linux/netlink.h: struct sockaddr_nl, the address of a netlink socket. The nl_pid of the kernel is 0. */
    sockaddr_nl: layout({ nl_family: t.u16, nl_pad: t.u16, nl_pid: t.u32, nl_groups: t.u32 }),
    /** linux/netlink.h: struct nlmsghdr, followed by its payload. nlmsg_len counts both. */
    nlmsghdr: layout({
      nlmsg_len: t.u32,
      nlmsg_type: t.u16,
      nlmsg_flags: t.u16,
      nlmsg_seq: t.u32,
      nlmsg_pid: t.u32,
    }),
    /** linux/netlink.h: struct nlattr { __u16 nla_len, nla_type; }, followed by its data. nla_len counts both. */
    nlattr: layout({ nla_len: t.u16, nla_type: t.u16 }),
    /** linux/rtnetlink.h: struct ifinfomsg, the first part of the payload of RTM_*LINK messages. */
    ifinfomsg: layout({
      ifi_family: t.u8,
      pad: t.u8,
      ifi_type: t.u16,
      ifi_index: t.int,
      ifi_flags: t.u32,
      ifi_change: t.u32,
    }),
    /** linux/can/netlink.h: struct can_bittiming. sample_point is in tenths of a percent, tq in ns, segments in tq. */
    can_bittiming: layout({
      bitrate: t.u32,
      sample_point: t.u32,
      tq: t.u32,
      prop_seg: t.u32,
      phase_seg1: t.u32,
      phase_seg2: t.u32,
      sjw: t.u32,
      brp: t.u32,
    }),
    /** linux/can/netlink.h: struct can_ctrlmode { __u32 mask, flags; } */
    can_ctrlmode: layout({ mask: t.u32, flags: t.u32 }),
    /** linux/can/netlink.h: struct can_berr_counter { __u16 txerr, rxerr; } */
    can_berr_counter: layout({ txerr: t.u16, rxerr: t.u16 }),
    /** linux/can/netlink.h: struct can_device_stats. */
    can_device_stats: layout({
      bus_error: t.u32,
      error_warning: t.u32,
      error_passive: t.u32,
      bus_off: t.u32,
      arbitration_lost: t.u32,
      restarts: t.u32,
    }),
  };
}

/** The layouts of this machine. */
export const host = layouts(hostABI());
