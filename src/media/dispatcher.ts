import { debuglog } from 'node:util';
import { SocketCANError } from '../errors';
import { DataFrame } from '../frame/data-frame';
import { ErrorFrame } from '../frame/error-frame';
import type { CANSocket } from '../raw/can-socket';
import type { ReceivedFrame } from '../raw/receive/received-frame';
import { mediaErrors } from './bus-errors';
import type { ErrorHandler, ReceivedEnvelope, ReceivedFramesHandler } from './media';

const debug = debuglog('socketcan:media');

/** The functions that a {@link Dispatcher} calls. The handlers of a media may be async. */
interface Handlers {
  readonly onFrames: (...args: Parameters<ReceivedFramesHandler>) => unknown;
  readonly onBusError: ((...args: Parameters<ErrorHandler>) => unknown) | undefined;
  /** Called with the exception of a handler. */
  readonly onException: (error: SocketCANError) => void;
}

/** Calls the handlers of a media with the data frames and the bus errors that its socket receives. */
export class Dispatcher {
  /** Received frames that are not data frames. */
  otherFrames = 0;
  /** The ones that no handler received: remote frames, and error frames without a media error. */
  unsupportedFrames = 0;
  readonly #socket: CANSocket;
  /** The name of the media, for messages. */
  readonly #media: string;
  readonly #handlers: Handlers;

  constructor(socket: CANSocket, media: string, handlers: Handlers) {
    this.#socket = socket;
    this.#media = media;
    this.#handlers = handlers;
  }

  /** An error frame splits a batch: its handler is called after the frames that were received before it. */
  dispatch(received: readonly ReceivedFrame[]): void {
    let batch: ReceivedEnvelope[] = [];
    for (const { frame, timestamp, own } of received) {
      if (frame instanceof DataFrame) {
        batch.push({ frame, timestamp, loopback: own });
        continue;
      }
      this.otherFrames++;
      const errors = frame instanceof ErrorFrame ? mediaErrors(frame) : [];
      if (errors.length === 0) {
        this.unsupportedFrames++;
        debug('%s: unsupported CAN frame dropped: %s', this.#media, frame);
        continue;
      }
      this.#passBatch(batch);
      batch = [];
      for (const error of errors) {
        debug('%s: bus error %s', this.#media, error);
        this.#call(() => this.#handlers.onBusError?.(timestamp, error), 'error handler');
      }
    }
    this.#passBatch(batch);
  }

  #passBatch(batch: readonly ReceivedEnvelope[]): void {
    if (batch.length === 0) return;
    this.#call(() => this.#handlers.onFrames(batch), `receive handler; lost frames: ${batch.length}`);
  }

  /** A handler may close the media, throw, or return a promise. The other frames are dispatched all the same. */
  #call(handler: () => unknown, where: string): void {
    if (this.#socket.state === 'closed') return;
    const report = (cause: unknown): void => {
      const message = `${this.#media}: exception in the ${where}`;
      const { interfaceName } = this.#socket;
      this.#handlers.onException(
        new SocketCANError('ERR_SOCKETCAN_HANDLER', message, { cause, interface: interfaceName }),
      );
    };
    try {
      const result = handler();
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  }
}
