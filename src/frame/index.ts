export { arbitrationKey, compareArbitration } from './arbitration';
export { formatLogLine, parseLogLine, type LogRecord } from './candump-log';
export { parseLog, type InvalidLogLine, type LogSource, type ParseLogOptions } from './log-reader';
export { formatLog, type FormatLogOptions } from './log-writer';
export { parseFrame } from './candump';
export type { CANFilter } from './can-filter';
export { describe } from './check';
export { decodeFrame, encodeFrame, rawIdentifier, type FrameMemory } from './codec';
export * from './constants';
export {
  adoptDataFrame,
  BRS_BIT,
  DataFrame,
  ESI_BIT,
  FD_BIT,
  type DataFrameFlags,
} from './data-frame';
export {
  CANFD_MAX_LENGTH,
  CAN_MAX_LENGTH,
  dlcToLength,
  isValidLength,
  lengthToDLC,
  requiredPadding,
} from './dlc';
export { ErrorFrame, errorClassMask } from './error-frame';
export { ErrorClass } from './error-names';
export { FilterConfiguration, type Identified } from './filter';
export {
  BASE_IDENTIFIER_MASK,
  EXTENDED_IDENTIFIER_MASK,
  FrameFormat,
  identifierMask,
} from './format';
export type { Frame } from './frame';
export { hexBytes, hexIdentifier } from './hex';
export { frameBits, frameTimeNs, type FrameBits } from './frame-time';
export {
  passesKernelFilter,
  sharesErrorClass,
  toKernelFilter,
  type KernelFilter,
} from './kernel-filter';
export { optimizeFilterConfigurations } from './optimize';
export { RemoteFrame } from './remote-frame';
