import { CAN_RAW_FILTER_MAX } from '../../libc/constants';
import type { CANFilter } from '../../frame/can-filter';
import { describe } from '../../options/describe';
import { FilterConfiguration } from '../../frame/filter-configuration';
import { optimizeFilterConfigurations } from '../../frame/optimize-filters';
import { invalidArgument } from '../../errors';

/** Most filters of a CANSocket: the kernel takes no more. */
export const MAX_FILTERS = CAN_RAW_FILTER_MAX;

/** What a socket does with its filters. */
export interface FilterUse {
  /** A frame must match all filters rather than any. */
  readonly joinFilters: boolean;
  /** More filters than the kernel takes are merged. */
  readonly optimizeFilters: boolean;
}

const DEFAULT_USE: FilterUse = { joinFilters: false, optimizeFilters: false };

function invalid(error: TypeError | RangeError): Error {
  return invalidArgument(error, 'ERR_SOCKETCAN_INVALID_FILTER');
}

/**
 * An immutable copy of a filter: a FilterConfiguration where one says it all. Each property is read
 * once, so that what is used is what was checked.
 */
function checkFilter(value: unknown, index: number): CANFilter {
  if (typeof value !== 'object' || value === null) {
    throw invalid(
      new TypeError(
        `Filter ${index} must be a FilterConfiguration or an object with identifier and mask, not ${describe(value)}`,
      ),
    );
  }
  const { identifier, mask, format, remote = false, inverted = false } = value as CANFilter;
  const configuration = configure(identifier, mask, format, index);
  if (typeof remote !== 'boolean' && (remote as unknown) !== 'any') {
    const text = `Filter ${index}: remote must be true, false or "any"; found ${describe(remote)}`;
    throw invalid(typeof remote === 'string' ? new RangeError(text) : new TypeError(text));
  }
  if (typeof (inverted as unknown) !== 'boolean') {
    throw invalid(new TypeError(`Filter ${index}: inverted must be true or false; found ${describe(inverted)}`));
  }
  return Object.freeze(remote === false && !inverted ? configuration : { identifier, mask, format, remote, inverted });
}

/** Its checks and its words are FilterConfiguration's; which filter it is about goes before them. */
function configure(identifier: number, mask: number, format: CANFilter['format'], index: number): FilterConfiguration {
  try {
    return new FilterConfiguration(identifier, mask, format);
  } catch (error) {
    const text = `Filter ${index}: ${(error as Error).message}`;
    throw invalid(error instanceof RangeError ? new RangeError(text) : new TypeError(text));
  }
}

/**
 * As many filters as the kernel takes, which pass all that those given pass. Only filters for data
 * frames can be merged: what a merge of others passes is not known to contain what they pass.
 */
function optimize(filters: readonly CANFilter[]): readonly CANFilter[] {
  const plain = filters.filter((filter) => filter instanceof FilterConfiguration);
  const others = filters.filter((filter) => !(filter instanceof FilterConfiguration));
  const room = CAN_RAW_FILTER_MAX - others.length;
  if (room > 0) return [...optimizeFilterConfigurations(plain, room), ...others];
  throw invalid(
    new RangeError(
      `The kernel takes ${CAN_RAW_FILTER_MAX} filters a socket, not ${filters.length}, and optimizeFilters cannot merge ${others.length} of them: they are inverted or accept remote frames`,
    ),
  );
}

/**
 * Copies of the filters, of which the user's objects may change later without an effect; as many as
 * the kernel takes.
 *
 * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FILTER`, naming index and value
 */
export function checkFilters(filters: unknown, use = DEFAULT_USE): readonly CANFilter[] {
  if (!Array.isArray(filters)) {
    throw invalid(new TypeError(`The filters must be an array of filters, not ${describe(filters)}`));
  }
  const checked = Array.from(filters, checkFilter);
  if (checked.length <= CAN_RAW_FILTER_MAX) return checked;
  if (use.optimizeFilters && !use.joinFilters) return optimize(checked);
  const hint = use.joinFilters
    ? 'joined filters cannot be merged'
    : 'merge them with the option optimizeFilters, or with optimizeFilterConfigurations()';
  throw invalid(
    new RangeError(`The kernel takes ${CAN_RAW_FILTER_MAX} filters a socket, not ${checked.length}: ${hint}`),
  );
}
