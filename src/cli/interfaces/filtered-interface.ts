import { FrameFormat, type CANFilter, type CANSocketOptions } from '../../index';
import { describe } from '../../options/describe';
import { checkCount, flagOf, fromArgument } from '../main/arguments';
import type { Arguments } from '../main/command';
import { UsageError } from '../main/failures';
import { expandAny } from './any';
import { parseFilter } from './candump-filter';

/** An interface to receive from, and the frames to receive. */
export interface FilteredInterface extends Pick<CANSocketOptions, 'filters' | 'joinFilters' | 'errorMask'> {
  readonly interfaceName: string;
}

/** The mask of all error classes (linux/can/error.h), including those of newer kernels. */
export const ALL_ERRORS = 2 ** FrameFormat.Extended - 1;

/**
 * Reads candump's `can0,123:7FF,400~7F0,#FFFFFFFF,j`: an interface, its filters (see {@link parseFilter}), the mask of
 * error frames, and j if a frame must pass all filters.
 *
 * @throws {UsageError}
 */
export function parseFilteredInterface(text: string): FilteredInterface {
  const [interfaceName = '', ...parts] = text.split(',');
  if (interfaceName === '') {
    throw new UsageError(`An interface must be named before its filters; found ${describe(text)}`);
  }
  const filters: CANFilter[] = [];
  let errorMask: number | undefined;
  let joinFilters = false;
  for (const part of parts) {
    const errors = /^#([0-9a-f]{1,8})$/i.exec(part)?.[1];
    if (/^j$/i.test(part)) joinFilters = true;
    else if (errors !== undefined) errorMask = Number.parseInt(errors, 16) & ALL_ERRORS;
    else filters.push(parseFilter(part));
  }
  return {
    interfaceName,
    ...(filters.length === 0 ? {} : { filters, joinFilters }),
    ...(errorMask === undefined ? {} : { errorMask }),
  };
}

/**
 * The interfaces of a command line with their filters; `--errors` adds all error frames where no mask is given.
 *
 * @throws {UsageError | Failure}
 */
export function filteredInterfacesOf(args: Arguments, positionals = args.positionals): FilteredInterface[] {
  checkCount({ ...args, positionals }, 'INTERFACE...', 1);
  const errorMask = flagOf(args, 'errors') ? ALL_ERRORS : 0;
  const given = positionals.map((text) => fromArgument(() => parseFilteredInterface(text)));
  return expandAny(given).map((each) => ({ errorMask, ...each }));
}
