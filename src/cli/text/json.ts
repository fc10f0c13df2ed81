import { DataFrame, ErrorFrame, RemoteFrame, type Frame, type ReceivedFrame } from '../../index';

/** A line of JSON. Bigints (times in ns) become strings. */
export function jsonLine(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each));
}

/** The JSON fields of a frame. */
export function frameFields(frame: Frame): Record<string, unknown> {
  if (frame instanceof DataFrame) {
    const { format, identifier, data, fd, brs, esi } = frame;
    const flags = fd ? { fd, brs, esi } : { fd };
    return { kind: 'data', format, identifier, data: Buffer.from(data).toString('hex'), ...flags };
  }
  if (frame instanceof RemoteFrame) {
    const { format, identifier, length } = frame;
    return { kind: 'remote', format, identifier, length };
  }
  return { kind: 'error', ...errorFields(frame) };
}

function errorFields({ raw, ...frame }: ErrorFrame): Record<string, unknown> {
  return { ...frame, classMask: raw.classMask, data: Buffer.from(raw.data).toString('hex') };
}

/** The JSON fields of a received frame. */
export function receivedFields(
  interfaceName: string,
  { frame, timestamp, local }: ReceivedFrame,
): Record<string, unknown> {
  return {
    event: 'frame',
    interface: interfaceName,
    ...timestamp,
    direction: local ? 'tx' : 'rx',
    text: String(frame),
    ...frameFields(frame),
  };
}
