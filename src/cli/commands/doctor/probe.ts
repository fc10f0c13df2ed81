import { readFileSync } from 'node:fs';
import { CANSocket, type SystemError } from '../../../index';
import { DEFAULT_RECEIVE_BUFFER_SIZE, RECEIVE_BUFFER_PER_FRAME } from '../../../receive-buffer';
import { ok, warn, type Finding } from './finding';

/** The error of opening a socket on an interface; undefined if it can be opened. */
export function openError(interfaceName: string): SystemError | undefined {
  try {
    void new CANSocket(interfaceName).close();
    return undefined;
  } catch (error) {
    return error as SystemError;
  }
}

/** Checks the receive buffer that the kernel grants on an interface. */
export function checkBuffer(interfaceName: string): Finding {
  const socket = new CANSocket(interfaceName);
  // The kernel doubles the requested size for its overhead and returns the doubled one.
  const granted = socket.receiveBufferSize;
  void socket.close();
  const room = `a receive buffer of ${granted} bytes, room for ${Math.floor(granted / RECEIVE_BUFFER_PER_FRAME)} frames`;
  if (granted >= DEFAULT_RECEIVE_BUFFER_SIZE) return ok('buffer', room);
  return warn(
    'buffer',
    `${room}: net.core.rmem_max is ${limit()}; in a burst the kernel drops and counts what does not fit`,
    `sudo sysctl -w net.core.rmem_max=${DEFAULT_RECEIVE_BUFFER_SIZE}`,
  );
}

function limit(): string {
  try {
    return readFileSync('/proc/sys/net/core/rmem_max', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
