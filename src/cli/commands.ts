import type { Command } from './command';
import { monitor } from './monitor';

/** All commands, in the order of --help. */
export const COMMANDS: readonly Command[] = [monitor];
