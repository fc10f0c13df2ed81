import { styleText } from 'node:util';
import { DataFrame, ErrorFrame, type Frame, type ReceivedFrame } from '../../../index';
import { Columns } from '../../text/columns';
import type { FrameOrigin } from '../../receive/merge';
import type { TerminalOutput } from '../../main/output';
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

/** What candump -x has: bit rate switch, error state. */
const FLAGS = ['- -', 'B -', '- E', 'B E'];

/** Lines of candump on a terminal (can-utils, candump.c): time, interface, direction, frame. */
export class ColumnLines {
  readonly #columns: Columns;
  readonly #time: TimeText | undefined;
  readonly #extra: boolean;
  readonly #color: boolean;
  readonly #names: readonly string[];

  constructor(interfaceNames: readonly string[], options: ColumnLineOptions, outlet: TerminalOutput) {
    const { time, decimals, extra, ascii, errors } = options;
    this.#columns = new Columns({ ascii, errors });
    this.#time = time === undefined ? undefined : new TimeText(time, decimals);
    this.#extra = extra;
    this.#color = outlet.color;
    const width = Math.max(...interfaceNames.map((name) => name.length));
    this.#names = interfaceNames.map((name, index) => {
      const padded = name.padStart(width);
      return outlet.color ? colored(COLORS[index % COLORS.length] ?? 'cyan', padded) : padded;
    });
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
    const shown = this.#color && frame instanceof ErrorFrame ? colored('red', text) : text;
    return ` ${time} ${name}${extra}  ${shown}\n`;
  }
}

function colored(color: Parameters<typeof styleText>[0], text: string): string {
  return styleText(color, text, { validateStream: false });
}

function flagsOf(frame: Frame): string {
  const bits = frame instanceof DataFrame ? (frame.brs ? 1 : 0) | (frame.esi ? 2 : 0) : 0;
  return FLAGS[bits] ?? '';
}
