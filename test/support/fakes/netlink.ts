import { host } from '../../../src/libc/layouts';

/** Returns __u32 values in host byte order. */
export function u32(...values: number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(values).buffer);
}

/** Returns __u16 values in host byte order. */
export function u16(...values: number[]): Uint8Array {
  return new Uint8Array(new Uint16Array(values).buffer);
}

/** Returns a C string with its NUL. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

/** Returns an nlattr with its data and padding. */
export function attribute(type: number, ...data: Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(data);
  const header = host.nlattr.make({ nla_len: 4 + bytes.byteLength, nla_type: type });
  return Buffer.concat([header, bytes], Math.ceil((4 + bytes.byteLength) / 4) * 4);
}

/** Returns a message: nlmsghdr and payload. */
export function netlinkMessage(type: number, ...payload: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(payload);
  const header = host.nlmsghdr.make({ nlmsg_len: 16 + body.byteLength, nlmsg_type: type });
  return Buffer.concat([header, body]);
}

/** Returns an ifinfomsg; the default hardware type is ARPHRD_CAN. */
export function ifinfomsg(ifi_index: number, ifi_flags: number, ifi_type = 280): Uint8Array {
  return host.ifinfomsg.make({ ifi_type, ifi_index, ifi_flags, ifi_change: 0xffff_ffff });
}
