import { NLA_F_NESTED, NLA_F_NET_BYTEORDER } from './constants';
import { LITTLE_ENDIAN } from './endian';
import { host } from './layouts';

/*
 * The bytes of netlink(7): messages of nlmsghdr and payload, and attributes of nlattr and data, both
 * in host byte order and padded to 4 bytes. What is read here may have been cut short by a small
 * receive buffer: everything is read as far as it is whole, and no bytes make these functions throw.
 */

const { nlmsghdr, nlattr } = host;

/** NLA_TYPE_MASK: an attribute's type without the two flags in the same field. */
const TYPE_MASK = 0xffff & ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER);

/** NLMSG_ALIGN and NLA_ALIGN. */
function align(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A __u16 in host byte order, or undefined where the bytes end before. */
export function readU16(bytes: Uint8Array, at = 0): number | undefined {
  return at + 2 <= bytes.byteLength ? view(bytes).getUint16(at, LITTLE_ENDIAN) : undefined;
}

/** A __u32 in host byte order, or undefined where the bytes end before. */
export function readU32(bytes: Uint8Array, at = 0): number | undefined {
  return at + 4 <= bytes.byteLength ? view(bytes).getUint32(at, LITTLE_ENDIAN) : undefined;
}

/** A __u64 in host byte order (rounded above 2**53), or undefined where the bytes end before. */
export function readU64(bytes: Uint8Array, at = 0): number | undefined {
  if (at + 8 > bytes.byteLength) return undefined;
  return Number(view(bytes).getBigUint64(at, LITTLE_ENDIAN));
}

/** One message of a datagram. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Whether all its bytes are here; of the datagram's last message some may not be. */
  readonly whole: boolean;
  /** Its bytes, the nlmsghdr included. */
  readonly bytes: Uint8Array;
}

/** The messages of one datagram, in their order; a header that is cut or claims less than itself ends them. */
export function* netlinkMessages(datagram: Uint8Array): Generator<NetlinkMessage, void> {
  const { size, offset } = nlmsghdr;
  for (let at = 0; at + size <= datagram.byteLength;) {
    const header = view(datagram.subarray(at));
    const length = header.getUint32(offset.nlmsg_len, LITTLE_ENDIAN);
    if (length < size) return;
    yield {
      type: header.getUint16(offset.nlmsg_type, LITTLE_ENDIAN),
      flags: header.getUint16(offset.nlmsg_flags, LITTLE_ENDIAN),
      sequence: header.getUint32(offset.nlmsg_seq, LITTLE_ENDIAN),
      whole: length <= header.byteLength,
      bytes: datagram.subarray(at, at + length),
    };
    at += align(length);
  }
}

/**
 * The attributes in these bytes: their data by their types, as views, of a type that is there twice
 * the last (as the kernel's nla_parse has it). One that is cut short, and all behind it, are left out.
 */
export function attributes(bytes: Uint8Array): Map<number, Uint8Array> {
  const { size, offset } = nlattr;
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at + size <= bytes.byteLength;) {
    const header = view(bytes.subarray(at));
    const length = header.getUint16(offset.nla_len, LITTLE_ENDIAN);
    if (length < size || length > header.byteLength) break;
    const type = header.getUint16(offset.nla_type, LITTLE_ENDIAN) & TYPE_MASK;
    found.set(type, bytes.subarray(at + size, at + length));
    at += align(length);
  }
  return found;
}
