import { ErrorFrame, formatLogLine, type ReceivedFrame } from '../../index';
import { TimeText } from '../text/time-text';

/** Lines of a candump log for frames that come in: those of formatLogLine, faster by keeping the second. */
export class LogLines {
  readonly #time: TimeText;
  readonly #decimals: 6 | 9;
  readonly #direction: boolean;

  constructor(decimals: 6 | 9, direction: boolean) {
    this.#time = new TimeText('absolute', decimals);
    this.#decimals = decimals;
    this.#direction = direction;
  }

  /** With an end of line each. */
  of(interfaceName: string, frames: readonly ReceivedFrame[]): string {
    let text = '';
    for (const received of frames) text += `${this.#line(interfaceName, received)}\n`;
    return text;
  }

  #line(interfaceName: string, { frame, timestamp, local }: ReceivedFrame): string {
    const { systemNs } = timestamp;
    if (frame instanceof ErrorFrame) {
      const direction = !this.#direction ? undefined : local ? 'tx' : 'rx';
      return formatLogLine({ systemNs, interfaceName, frame, direction }, this.#decimals);
    }
    const suffix = !this.#direction ? '' : local ? ' T' : ' R';
    return `(${this.#time.of(systemNs)}) ${interfaceName} ${frame.toString()}${suffix}`;
  }
}
