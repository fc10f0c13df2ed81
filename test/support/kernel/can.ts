import { AF_CAN, CAN_RAW, SOCK_RAW } from '../../../src/libc/constants';
import { close } from '../../../src/libc/file';
import { socket } from '../../../src/libc/socket';

function probe(): number {
  const result = socket(AF_CAN, SOCK_RAW, CAN_RAW);
  if (result >= 0) close(result);
  return Math.min(result, 0);
}

/** What this kernel says to socket(PF_CAN, SOCK_RAW, CAN_RAW): 0 where there is CAN, or a negative error number. */
export const canResult = probe();
