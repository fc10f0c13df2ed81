import type { CANFilter } from '../../frame/can-filter';
import { FilterConfiguration } from '../../frame/filter-configuration';
import { optimizeFilterConfigurations } from '../../frame/optimize-filters';
import { CAN_RAW_FILTER_MAX } from '../../libc/constants';
import { checkBoolean, checkObject, invalidValue } from '../../options/check';
import { INVALID_FILTER } from '../../options/invalid';

/** The largest number of acceptance filters of a socket. */
export const MAX_FILTERS = CAN_RAW_FILTER_MAX;

/** Options for a list of filters. */
export interface FilterListOptions {
  /** A frame must match all filters instead of any. */
  readonly joinFilters: boolean;
  /** Merge filters if there are more than {@link MAX_FILTERS}. */
  readonly optimizeFilters: boolean;
}

const DEFAULTS: FilterListOptions = { joinFilters: false, optimizeFilters: false };

/**
 * Returns copies of at most {@link MAX_FILTERS} filters. Later changes of the caller's objects do not affect them.
 *
 * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FILTER`, naming index and value
 */
export function checkFilters(filters: unknown, options = DEFAULTS): readonly CANFilter[] {
  if (!Array.isArray(filters)) throw invalidValue('The filters', 'an array of filters', filters, false, INVALID_FILTER);
  const checked = Array.from(filters, checkFilter);
  if (checked.length <= MAX_FILTERS) return checked;
  if (options.joinFilters) throw tooMany(checked.length, 'Joined filters cannot be merged.');
  if (options.optimizeFilters) return optimize(checked);
  throw tooMany(checked.length, 'Merge them with the option optimizeFilters, or with optimizeFilterConfigurations().');
}

/**
 * Returns an immutable copy of a filter: a FilterConfiguration if that can express it. It reads each property once,
 * so that a getter cannot return another value after the check.
 */
function checkFilter(value: unknown, index: number): CANFilter {
  const rule = 'a FilterConfiguration or an object with identifier and mask';
  const filter = checkObject(`Filter ${index}`, value, INVALID_FILTER, rule);
  const { identifier, mask, format, remote = false, inverted = false } = filter as CANFilter;
  const configuration = configure(identifier, mask, format, index);
  if (typeof remote !== 'boolean' && (remote as unknown) !== 'any') {
    throw invalidValue(
      `Filter ${index}: remote`,
      "true, false or 'any'",
      remote,
      typeof remote === 'string',
      INVALID_FILTER,
    );
  }
  checkBoolean(`Filter ${index}: inverted`, inverted, INVALID_FILTER);
  return Object.freeze(remote === false && !inverted ? configuration : { identifier, mask, format, remote, inverted });
}

/** Lets FilterConfiguration check the properties, and adds the index of the filter to its errors. */
function configure(identifier: number, mask: number, format: CANFilter['format'], index: number): FilterConfiguration {
  try {
    return new FilterConfiguration(identifier, mask, format);
  } catch (error) {
    const text = `Filter ${index}: ${(error as Error).message}`;
    throw error instanceof RangeError ? INVALID_FILTER.range(text) : INVALID_FILTER.type(text);
  }
}

/**
 * Merges filters to {@link MAX_FILTERS} that accept at least the same frames. It merges only plain filters for data
 * frames: a merge of others may reject frames that they accept.
 */
function optimize(filters: readonly CANFilter[]): readonly CANFilter[] {
  const plain = filters.filter((filter) => filter instanceof FilterConfiguration);
  const others = filters.filter((filter) => !(filter instanceof FilterConfiguration));
  const room = MAX_FILTERS - others.length;
  if (room > 0) return [...optimizeFilterConfigurations(plain, room), ...others];
  throw tooMany(
    filters.length,
    `optimizeFilters cannot merge ${others.length} of them: they are inverted or accept remote frames.`,
  );
}

function tooMany(count: number, hint: string): RangeError {
  return INVALID_FILTER.range(`A socket can have at most ${MAX_FILTERS} filters; found ${count}. ${hint}`);
}
