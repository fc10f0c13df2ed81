/** The acceptance filters of a socket: checked, and as the kernel is given them. */
export type { CANFilter } from '../../frame';
export { AcceptanceFilters } from './acceptance';
export { checkFilters, type FilterUse } from './check';
