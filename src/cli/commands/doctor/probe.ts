import { readFileSync } from 'node:fs';
import { CANSocket, type SystemError } from '../../../index';
import { ok, warn, type Finding } from './finding';

/** The default receive buffer of a CANSocket, in bytes. */
const WANTED_BUFFER = 2 * 2 ** 20;
/** Bytes of receive buffer that a frame takes (measured). */
const FRAME_MEMORY = 768;

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
  const room = `a receive buffer of ${granted} bytes, room for ${Math.floor(granted / FRAME_MEMORY)} frames`;
  if (granted >= WANTED_BUFFER) return ok('buffer', room);
  return warn(
    'buffer',
    `${room}: net.core.rmem_max is ${limit()}; in a burst the kernel drops and counts what does not fit`,
    `sudo sysctl -w net.core.rmem_max=${WANTED_BUFFER}`,
  );
}

function limit(): string {
  try {
    return readFileSync('/proc/sys/net/core/rmem_max', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
