import { CANSocket } from '../../index';
import type { FilteredInterface } from '../interfaces/filtered-interface';
import type { Terminal } from '../main/terminal';
import { ReceiveSession, type ReceiveSessionOptions } from './receive-session';
import type { ReceiveSummary } from './receive-summary';

export interface ReceiveOptions extends ReceiveSessionOptions {
  /** The receive buffer to ask for, in bytes of kernel memory. Default {@link RECEIVE_BUFFER_SIZE}. */
  readonly receiveBufferSize?: number | undefined;
}

/**
 * Receive buffer that commands request, in bytes: room for 20,000 frames while the output is busy. The kernel grants up
 * to net.core.rmem_max, or all of it to root.
 */
export const RECEIVE_BUFFER_SIZE = 16 * 2 ** 20;

/**
 * Opens interfaces and receives frames until the terminal's signal, the count or the idle time ends it. After SIGINT it
 * still delivers everything that the kernel had received by then. It continues when an interface goes down or is
 * removed.
 */
export async function receiveFrames(
  interfaces: readonly FilteredInterface[],
  io: Terminal,
  { receiveBufferSize = RECEIVE_BUFFER_SIZE, ...options }: ReceiveOptions,
): Promise<ReceiveSummary[]> {
  const sockets: CANSocket[] = [];
  try {
    for (const { interfaceName, ...filters } of interfaces) {
      sockets.push(new CANSocket(interfaceName, { ...filters, receiveBufferSize }));
    }
  } catch (error) {
    for (const socket of sockets) void socket.close();
    throw error;
  }
  return await new ReceiveSession(sockets, io, options).done;
}
