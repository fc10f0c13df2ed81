import type { Command } from './command';
import { bridgeCommand } from '../commands/bridge/command';
import { doctorCommand } from '../commands/doctor/command';
import { dumpCommand } from '../commands/dump/command';
import { genCommand } from '../commands/gen/command';
import { listCommand } from '../commands/list/command';
import { monitorCommand } from '../commands/monitor/command';
import { playCommand } from '../commands/play/command';
import { recordCommand } from '../commands/record/command';
import { sendCommand } from '../commands/send/command';

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
