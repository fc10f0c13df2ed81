import define from 'ref-struct-di';
import { bytes, ctypes, hostABI, ref, type ABI } from './ref';

/** What a struct can have as a member: a type of ./ref or another struct. */
interface Member {
  readonly size: number;
  readonly alignment: number;
  readonly indirection: 1;
}

/** A C struct as it lies in memory: sizes and offsets in bytes. It can be a member of another. */
export interface Layout<Name extends string = string> extends Member {
  readonly offset: Readonly<Record<Name, number>>;
  /** A zeroed struct with these members set. Words as wide as a pointer are bigint. */
  make(members: Partial<Record<Name, number | bigint | Uint8Array>>): Buffer;
}

/** All structs this library exchanges with the kernel, as one machine lays them. */
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

  /** sys/socket.h: struct msghdr, as the kernel and glibc lay it. */
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
    /** linux/can.h: struct sockaddr_can; of its union only tp is named, j1939 (from byte 8, u64 aligned) is the larger. */
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
    /** sys/socket.h: struct cmsghdr { size_t cmsg_len; int cmsg_level, cmsg_type; }, data behind it. */
    cmsghdr: layout({ cmsg_len: t.size_t, cmsg_level: t.int, cmsg_type: t.int }),
    /** sys/time.h: struct timeval, the C library's own, which is also that of SO_TIMESTAMP_OLD. */
    timeval: layout({ tv_sec: t.long, tv_usec: t.long }),
    /** time.h: struct timespec, the C library's own, which is also that of SO_TIMESTAMPNS_OLD. */
    timespec: layout({ tv_sec: t.long, tv_nsec: t.long }),
    /** linux/time_types.h: struct __kernel_timespec, of SO_TIMESTAMPNS_NEW: 64-bit everywhere. */
    kernel_timespec: layout({ tv_sec: t.i64, tv_nsec: t.i64 }),
    /** poll.h: struct pollfd { int fd; short events, revents; } */
    pollfd: layout({ fd: t.int, events: t.i16, revents: t.i16 }),
    /** net/if.h: struct ifreq { char ifr_name[16]; union { ... } }; the union is as large as its struct ifmap. */
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
    /** linux/netlink.h: struct sockaddr_nl, the address of a netlink socket; the kernel's nl_pid is 0. */
    sockaddr_nl: layout({ nl_family: t.u16, nl_pad: t.u16, nl_pid: t.u32, nl_groups: t.u32 }),
    /** linux/netlink.h: struct nlmsghdr; its length counts itself. */
    nlmsghdr: layout({
      nlmsg_len: t.u32,
      nlmsg_type: t.u16,
      nlmsg_flags: t.u16,
      nlmsg_seq: t.u32,
      nlmsg_pid: t.u32,
    }),
    /** linux/netlink.h: struct nlattr { __u16 nla_len, nla_type; }; its length counts itself, its data is behind it. */
    nlattr: layout({ nla_len: t.u16, nla_type: t.u16 }),
    /** linux/rtnetlink.h: struct ifinfomsg, the head of RTM_*LINK messages. */
    ifinfomsg: layout({
      ifi_family: t.u8,
      pad: t.u8,
      ifi_type: t.u16,
      ifi_index: t.int,
      ifi_flags: t.u32,
      ifi_change: t.u32,
    }),
    /** linux/can/netlink.h: struct can_bittiming; sample_point in tenths of a percent, tq in ns, segments in tq. */
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

/** The layouts of the machine this process runs on. */
export const host = layouts(hostABI());
