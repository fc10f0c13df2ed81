import { frameFields, jsonLine } from '../../../text/json';
import type { Bus } from '../model/bus';
import type { Identifier } from '../model/identifier';
import type { Model } from '../model/model';
import { sorted } from '../model/sort';
import type { View } from '../model/view';

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function busRecord(bus: Bus, nowNs: number): object {
  const { frames, nominalBits, dataBits } = bus.throughput(nowNs);
  const load = bus.loadAt(nowNs);
  return {
    name: bus.name,
    link: bus.link,
    state: bus.state,
    errorCounters: bus.errorCounters,
    bitrate: bus.bitrate,
    dataBitrate: bus.dataBitrate,
    load: load === undefined ? undefined : rounded(load, 4),
    framesPerSecond: frames,
    bitsPerSecond: nominalBits + dataBits,
    frames: bus.frames,
    errorFrames: bus.errorFrames,
    lastError: bus.lastError === undefined ? undefined : String(bus.lastError),
    dropped: bus.dropped,
  };
}

function identifierRecord(row: Identifier, nowNs: number): object {
  const { frame, timing } = row;
  const { periodNs, jitterNs } = timing;
  return {
    interface: row.interfaceName,
    text: String(frame),
    ...frameFields(frame),
    count: row.count,
    rate: rounded(timing.rate(nowNs), 1),
    periodMs: periodNs === undefined ? undefined : rounded(periodNs / 1e6, 3),
    jitterMs: jitterNs === undefined ? undefined : rounded(jitterNs / 1e6, 3),
    changedMsAgo: rounded((nowNs - row.changedNs) / 1e6, 3),
  };
}

/** The state as a line of JSON, without unknown values. docs/monitor.md lists the fields. */
export function snapshotJSON(model: Model, view: View, systemNs: bigint, nowNs: number): string {
  const rows = model.identifiers.filter((row) => view.filter.accepts(row));
  return jsonLine({
    event: 'snapshot',
    systemNs,
    interfaces: model.buses.map((bus) => busRecord(bus, nowNs)),
    identifiers: sorted(rows, view.sort, view.reverse, nowNs).map((row) => identifierRecord(row, nowNs)),
    others: model.others,
  });
}
