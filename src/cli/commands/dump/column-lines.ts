import { DataFrame, ErrorFrame, type Frame, type ReceivedFrame } from '../../../index';
import { colorize, type TerminalOutput } from '../../main/output';
import type { FrameOrigin } from '../../receive/merge';
import { Columns } from '../../text/columns';
import { TimeText, type TimeKind } from '../../text/time-text';

export interface ColumnLineOptions {
  readonly time: TimeKind | undefined;
  readonly decimals: 6 | 9;
  readonly extra: boolean;
  readonly ascii: boolean;
  readonly errors: boolean;
}

/** Colours of the interfaces, in the order of the command line. */
const COLORS = ['cyan', 'green', 'yellow', 'magenta', 'blue'] as const;

/** Formats received frames as candump does (can-utils, candump.c): time, interface, direction, frame. */
export class ColumnLines {
  readonly #columns: Columns;
  readonly #time: TimeText | undefined;
  readonly #extra: boolean;
  readonly #output: TerminalOutput;
  readonly #names: readonly string[];

  constructor(interfaceNames: readonly string[], options: ColumnLineOptions, output: TerminalOutput) {
    const { time, decimals, extra, ascii, errors } = options;
    this.#columns = new Columns({ ascii, errors });
    this.#time = time === undefined ? undefined : new TimeText(time, decimals);
    this.#extra = extra;
    this.#output = output;
    const width = Math.max(...interfaceNames.map((name) => name.length));
    this.#names = interfaceNames.map((name, index) =>
      colorize(output, COLORS[index % COLORS.length] ?? 'cyan', name.padStart(width)),
    );
  }

  /** Each line has its line end. */
  format({ index }: FrameOrigin, frames: readonly ReceivedFrame[]): string {
    const name = this.#names[index] ?? '';
    let text = '';
    for (const received of frames) text += this.#line(name, received);
    return text;
  }

  #line(name: string, { frame, timestamp, local }: ReceivedFrame): string {
    const time = this.#time === undefined ? '' : `(${this.#time.format(timestamp.systemNs)}) `;
    const extra = this.#extra ? `  ${local ? 'TX' : 'RX'} ${flagsOf(frame)}` : '';
    const text = this.#columns.format(frame);
    const shown = frame instanceof ErrorFrame ? colorize(this.#output, 'red', text) : text;
    return ` ${time} ${name}${extra}  ${shown}\n`;
  }
}

/** The flags of candump -x: bit rate switch and error state. */
function flagsOf(frame: Frame): string {
  const { brs, esi } = frame instanceof DataFrame ? frame : { brs: false, esi: false };
  return `${brs ? 'B' : '-'} ${esi ? 'E' : '-'}`;
}
