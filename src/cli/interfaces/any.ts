import { listInterfaces } from '../../index';
import { Failure } from '../main/failures';

/** Replaces the interface `any` by all CAN interfaces. @throws {Failure} without any CAN interface */
export function expandAny<T extends { readonly interfaceName: string }>(interfaces: readonly T[]): T[] {
  return interfaces.flatMap((each) => {
    if (each.interfaceName !== 'any') return [each];
    const names = listInterfaces().map(({ name }) => name);
    if (names.length === 0) {
      throw new Failure('there are no CAN interfaces; "socketcan doctor" explains why');
    }
    return names.map((interfaceName) => ({ ...each, interfaceName }));
  });
}
