import { alignof, sizeof } from 'koffi';
import { LITTLE_ENDIAN } from './memory';

/** Sizes and alignments, in bytes, of the C types whose width depends on the machine. */
export interface ABI {
  readonly pointer: number;
  readonly long: number;
  /** 8, except that i386 aligns 64-bit members of structs at 4. */
  readonly alignofInt64: number;
}

/** Returns the ABI of this machine. */
export function hostABI(): ABI {
  return { pointer: sizeof('void *'), long: sizeof('long'), alignofInt64: alignof('int64_t') };
}

/** A type as the `ref` package defines it, which ref-struct-di builds on. */
interface RefType<T = unknown> {
  readonly size: number;
  readonly alignment: number;
  readonly indirection: 1;
  get(buffer: Buffer, offset: number): T;
  set(buffer: Buffer, offset: number, value: T): void;
}

function view(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function scalar(
  size: number,
  alignment: number,
  read: 'getUint8' | 'getUint16' | 'getInt16' | 'getUint32' | 'getInt32',
  write: 'setUint8' | 'setUint16' | 'setInt16' | 'setUint32' | 'setInt32',
): RefType<number> {
  return {
    size,
    alignment,
    indirection: 1,
    get: (buffer, offset) => view(buffer)[read](offset, LITTLE_ENDIAN),
    set: (buffer, offset, value) => {
      view(buffer)[write](offset, value, LITTLE_ENDIAN);
    },
  };
}

function wide(
  size: number,
  alignment: number,
  read: 'getBigInt64' | 'getBigUint64',
  write: 'setBigInt64' | 'setBigUint64',
): RefType<bigint> {
  if (size === 8) {
    return {
      size,
      alignment,
      indirection: 1,
      get: (buffer, offset) => view(buffer)[read](offset, LITTLE_ENDIAN),
      set: (buffer, offset, value) => {
        view(buffer)[write](offset, value, LITTLE_ENDIAN);
      },
    };
  }
  const [read32, write32] =
    read === 'getBigInt64' ? (['getInt32', 'setInt32'] as const) : (['getUint32', 'setUint32'] as const);
  return {
    size,
    alignment,
    indirection: 1,
    get: (buffer, offset) => BigInt(view(buffer)[read32](offset, LITTLE_ENDIAN)),
    set: (buffer, offset, value) => {
      view(buffer)[write32](offset, Number(value), LITTLE_ENDIAN);
    },
  };
}

/** The type of a byte array in a struct. */
export function bytes(length: number): RefType<Uint8Array> {
  return {
    size: length,
    alignment: 1,
    indirection: 1,
    get: (buffer, offset) => buffer.subarray(offset, offset + length),
    set: (buffer, offset, value) => {
      buffer.set(value.subarray(0, length), offset);
    },
  };
}

/**
 * Returns the C types of the layouts for one machine. Words as wide as a pointer are bigint on every machine, because
 * an address may not fit into a number.
 */
export function ctypes(abi: ABI) {
  return {
    u8: scalar(1, 1, 'getUint8', 'setUint8'),
    u16: scalar(2, 2, 'getUint16', 'setUint16'),
    i16: scalar(2, 2, 'getInt16', 'setInt16'),
    u32: scalar(4, 4, 'getUint32', 'setUint32'),
    int: scalar(4, 4, 'getInt32', 'setInt32'),
    i64: wide(8, abi.alignofInt64, 'getBigInt64', 'setBigInt64'),
    long: wide(abi.long, abi.long, 'getBigInt64', 'setBigInt64'),
    size_t: wide(abi.pointer, abi.pointer, 'getBigUint64', 'setBigUint64'),
    pointer: wide(abi.pointer, abi.pointer, 'getBigUint64', 'setBigUint64'),
  };
}

/** Returns the part of the `ref` package that ref-struct-di calls, without native code. */
export function ref(abi: ABI) {
  return {
    NULL: Buffer.alloc(0),
    sizeof: { pointer: abi.pointer },
    alignof: { pointer: abi.pointer },
    coerceType: (type: RefType) => type,
    get: (buffer: Buffer, offset: number, type: RefType) => type.get(buffer, offset),
    set: (buffer: Buffer, offset: number, value: unknown, type: RefType) => {
      type.set(buffer, offset, value);
    },
  };
}
