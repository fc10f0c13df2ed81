import type { Command } from './command';

/** All commands, in the order of --help. */
export const COMMANDS: readonly Command[] = [];
