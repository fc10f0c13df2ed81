import { NLA_F_NESTED, NLA_F_NET_BYTEORDER } from './constants';
import { host } from './layouts';
import { LITTLE_ENDIAN } from './memory';

/*
 * The bytes of netlink(7): messages of nlmsghdr and payload, and attributes of nlattr and data, both in host byte order
 * and padded to 4 bytes. A small receive buffer may truncate what is read here: these functions return the complete
 * parts, and never throw.
 */

const { nlmsghdr, nlattr } = host;

/** NLA_TYPE_MASK: nla_type also contains two flags. */
const TYPE_MASK = 0xffff & ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER);

/** NLMSG_ALIGN and NLA_ALIGN: rounds up to 4 bytes. */
function align(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads a __u16 in host byte order; undefined if it is missing or truncated. */
export function readU16(bytes: Uint8Array | undefined, at = 0): number | undefined {
  return bytes !== undefined && at + 2 <= bytes.byteLength ? view(bytes).getUint16(at, LITTLE_ENDIAN) : undefined;
}

/** Reads a __u32 in host byte order; undefined if it is missing or truncated. */
export function readU32(bytes: Uint8Array | undefined, at = 0): number | undefined {
  return bytes !== undefined && at + 4 <= bytes.byteLength ? view(bytes).getUint32(at, LITTLE_ENDIAN) : undefined;
}

/** Reads a __u64 in host byte order, rounded above 2**53; undefined if it is missing or truncated. */
export function readU64(bytes: Uint8Array | undefined, at = 0): number | undefined {
  if (bytes === undefined || at + 8 > bytes.byteLength) return undefined;
  return Number(view(bytes).getBigUint64(at, LITTLE_ENDIAN));
}

/** Reads a string up to its NUL; undefined if it is missing or empty. */
export function readString(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString() || undefined;
}

/** A message in a received datagram. */
interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** False if the message is truncated, which happens only to the last one of a datagram. */
  readonly complete: boolean;
  /** Its bytes, including the nlmsghdr. */
  readonly bytes: Uint8Array;
}

/** Returns the messages of a datagram, up to the first header that is truncated or has a length below its own size. */
export function* parseMessages(datagram: Uint8Array): Generator<NetlinkMessage, void> {
  const { size, offset } = nlmsghdr;
  for (let at = 0; at + size <= datagram.byteLength;) {
    const header = view(datagram.subarray(at));
    const length = header.getUint32(offset.nlmsg_len, LITTLE_ENDIAN);
    if (length < size) return;
    yield {
      type: header.getUint16(offset.nlmsg_type, LITTLE_ENDIAN),
      flags: header.getUint16(offset.nlmsg_flags, LITTLE_ENDIAN),
      sequence: header.getUint32(offset.nlmsg_seq, LITTLE_ENDIAN),
      complete: length <= header.byteLength,
      bytes: datagram.subarray(at, at + length),
    };
    at += align(length);
  }
}

/**
 * Returns the data of each attribute, as a view, by the type of the attribute. The last attribute of a type wins, as in
 * nla_parse() of the kernel. It stops at the first truncated attribute.
 */
export function parseAttributes(bytes: Uint8Array | undefined): Map<number, Uint8Array> {
  const { size, offset } = nlattr;
  const found = new Map<number, Uint8Array>();
  if (bytes === undefined) return found;
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

/** The fields of the nlmsghdr of a request. */
interface RequestHeader {
  /** RTM_* */
  readonly type: number;
  /** NLM_F_* */
  readonly flags: number;
  /** The answer has the same number. */
  readonly sequence: number;
}

/** Returns the bytes of a request: nlmsghdr and payload. */
export function formatRequest({ type, flags, sequence }: RequestHeader, payload: Uint8Array): Uint8Array {
  const header = nlmsghdr.make({
    nlmsg_len: nlmsghdr.size + payload.byteLength,
    nlmsg_type: type,
    nlmsg_flags: flags,
    nlmsg_seq: sequence,
  });
  return Buffer.concat([header, payload]);
}
