import { DataFrame, RemoteFrame } from '../../../../index';
import { hexBytes, hexIdentifier } from '../../../../hex';
import type { Identifier } from '../model/identifier';
import { styled, type Line, type Span } from './line';
import { fit } from './number';

/** How long a changed byte is marked, in ns: first strongly, then weakly. */
const FRESH_NS = 0.5e9;
const FADING_NS = 2e9;

export const HEADER = '      ID FL LN    COUNT      /S   PERIOD  JITTER  ';

/** `R` remote, `F` CAN FD, `B` CAN FD with BRS; and `E` if the sender was error passive. */
export function flagsOf(frame: DataFrame | RemoteFrame): string {
  if (frame instanceof RemoteFrame) return 'R';
  return `${frame.brs ? 'B' : frame.fd ? 'F' : ''}${frame.esi ? 'E' : ''}`;
}

function milliseconds(ns: number | undefined, width: number): string {
  return (ns === undefined ? '-' : fit(ns / 1e6, width, 3)).padStart(width);
}

/**
 * A row of the table: the columns of {@link HEADER}, and the data that fits.
 *
 * @param room columns for the data
 */
export function rowLine(row: Identifier, nowNs: number, room: number, color: boolean): Line {
  const { frame, timing } = row;
  const length = frame instanceof DataFrame ? frame.data.length : frame.length;
  const text = [
    hexIdentifier(frame.format, frame.identifier).padStart(8),
    flagsOf(frame).padEnd(2),
    String(length).padStart(2),
    fit(row.count, 8, 0).padStart(8),
    (timing.periodNs === undefined ? '-' : fit(timing.rate(nowNs), 7, 1)).padStart(7),
    milliseconds(timing.periodNs, 8),
    milliseconds(timing.jitterNs, 7),
  ].join(' ');
  return [`${text}  `, ...dataSpans(row, nowNs, room, color)];
}

/** Bytes in hex. Without colour, a * follows each changed byte. */
function dataSpans(row: Identifier, nowNs: number, room: number, color: boolean): Span[] {
  const { data } = row;
  const whole = 3 * data.length <= room + (color ? 1 : 0);
  // The number of omitted bytes follows, as in +56.
  const shown = whole ? data.length : Math.max(0, Math.floor((room - 3) / 3));
  const spans: Span[] = [];
  for (let index = 0; index < shown; index++) {
    const text = hexBytes(data.subarray(index, index + 1));
    const age = nowNs - row.byteChangedNs(index);
    if (!color) spans.push(text, age < FADING_NS ? '*' : ' ');
    else if (age < FRESH_NS) spans.push(styled(text, 'fresh'), ' ');
    else if (age < FADING_NS) spans.push(styled(text, 'yellow'), ' ');
    else spans.push(`${text} `);
  }
  if (!whole) spans.push(styled(`+${data.length - shown}`, 'dim'));
  return spans;
}
