import type { ErrorFrame } from '../frame/error-frame';
import { MediaError } from './media';

/** Classes of error frames that a media with an error handler receives. pycyphal has the same. */
export const MEDIA_ERROR_CLASSES = ['tx-timeout', 'controller', 'bus-off'] as const;

const CONTROLLER: ReadonlyMap<string, MediaError> = new Map([
  ['rx-overflow', MediaError.RxOverflow],
  ['tx-overflow', MediaError.TxOverflow],
  ['rx-warning', MediaError.RxWarning],
  ['tx-warning', MediaError.TxWarning],
  ['rx-passive', MediaError.RxPassive],
  ['tx-passive', MediaError.TxPassive],
]);

/** Returns the media errors that an error frame reports: none, one or several. */
export function mediaErrors(frame: ErrorFrame): MediaError[] {
  const errors: MediaError[] = [];
  if (frame.classes.includes('tx-timeout')) errors.push(MediaError.TxTimeout);
  if (frame.classes.includes('bus-off')) errors.push(MediaError.BusOff);
  for (const name of frame.controller) {
    const error = CONTROLLER.get(name);
    if (error !== undefined) errors.push(error);
  }
  return errors;
}
