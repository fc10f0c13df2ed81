import type { Bus } from '../model/bus';
import { bar, sparkline, type Glyphs } from './graph';
import { styled, widthOf, type Line, type Span, type Style } from './line';
import { HISTORY_SECONDS } from '../model/load';
import { fit } from './number';

const STATE_WIDTH = 'error-passive'.length;
const COUNTERS_WIDTH = 'tx 255 rx 255'.length;
/** From this number of columns on, a long bar fits. */
const WIDE = 100;
/** How long the last error is shown, in ns. */
const ERROR_SHOWN_NS = 10e9;

const STATE_STYLES: Readonly<Record<string, Style>> = {
  'error-active': 'green',
  'error-warning': 'yellow',
  'error-passive': 'red',
  'bus-off': 'red',
};

function loadStyle(load: number): Style {
  return load > 0.8 ? 'red' : load > 0.5 ? 'yellow' : 'green';
}

/** Two lines about a bus: its link, controller, load and counts. */
export function busLines(
  bus: Bus,
  nameWidth: number,
  { columns, glyphs }: { readonly columns: number; readonly glyphs: Glyphs },
  nowNs: number,
): Line[] {
  const first: Span[] = [
    styled(bus.name.padEnd(nameWidth), 'bold'),
    '  ',
    styled(bus.link.padEnd(4), bus.link === 'up' ? 'green' : 'red'),
    '  ',
    ...controllerSpans(bus),
    ...loadSpans(bus, columns >= WIDE ? 20 : 10, glyphs, nowNs),
  ];
  const room = Math.min(HISTORY_SECONDS, columns - widthOf(first));
  if (room > 0) first.push(styled(sparkline(bus.history(nowNs, room), glyphs), 'cyan'));
  return [first, [' '.repeat(nameWidth + 2), ...countSpans(bus, nowNs)]];
}

function controllerSpans({ state, errorCounters }: Bus): Span[] {
  if (state === undefined && errorCounters === undefined) return [];
  const { tx, rx } = errorCounters ?? {};
  const counters = errorCounters === undefined ? '' : `tx ${tx ?? 0} rx ${rx ?? 0}`;
  return [
    styled((state ?? '').padEnd(STATE_WIDTH), STATE_STYLES[state ?? ''] ?? 'dim'),
    `  ${counters.padEnd(COUNTERS_WIDTH)}  `,
  ];
}

function loadSpans(bus: Bus, width: number, glyphs: Glyphs, nowNs: number): Span[] {
  const load = bus.loadAt(nowNs);
  if (load === undefined) return [styled('load ? (--bitrate)', 'dim'), '  '];
  return [`load ${fit(100 * load, 5, 1).padStart(5)} %  `, styled(bar(load, width, glyphs), loadStyle(load)), '  '];
}

function countSpans(bus: Bus, nowNs: number): Span[] {
  const { frames, nominalBits, dataBits } = bus.throughput(nowNs);
  const spans: Span[] = [
    `${frames} frames/s  ${fit((nominalBits + dataBits) / 1000, 7, 1)} kbit/s  ${bus.frames} frames  `,
    styled(`${bus.errorFrames} error frames`, bus.errorFrames > 0 ? 'yellow' : 'dim'),
    '  ',
    styled(`${bus.dropped} dropped`, bus.dropped > 0 ? 'red' : 'dim'),
  ];
  const age = nowNs - bus.lastErrorNs;
  if (bus.lastError !== undefined && age < ERROR_SHOWN_NS) {
    const seconds = Math.max(0, Math.floor(age / 1e9));
    spans.push('  ', styled(`${String(bus.lastError)} ${seconds} s ago`, 'red'));
  }
  return spans;
}
