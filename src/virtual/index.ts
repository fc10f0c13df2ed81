/** The built-in bus behind `virtual:NAME`. */
export { VirtualBus, type RecordedFrame } from './bus';
export { VirtualEndpoint } from './endpoint';
export type { BusFaults } from './faults';
export type { BusSettings } from './settings';
