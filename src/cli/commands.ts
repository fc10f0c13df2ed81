import type { Command } from './command';
import { bridgeCommand } from './bridge/command';
import { doctorCommand } from './doctor/command';
import { dumpCommand } from './dump/command';
import { genCommand } from './gen/command';
import { listCommand } from './list';
import { monitorCommand } from './monitor/command';
import { playCommand } from './play/command';
import { recordCommand } from './record/command';
import { sendCommand } from './send';

/** All commands, in the order of --help. */
export const COMMANDS: readonly Command[] = [
  listCommand,
  doctorCommand,
  dumpCommand,
  sendCommand,
  genCommand,
  playCommand,
  recordCommand,
  monitorCommand,
  bridgeCommand,
];
