import type { Command } from './command';
import { bridge } from './bridge';
import { monitor } from './monitor';

/** All commands, in the order of --help. */
export const COMMANDS: readonly Command[] = [monitor, bridge];
