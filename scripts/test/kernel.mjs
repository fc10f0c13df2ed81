/** Finds where tests that need CAN in the kernel and root can run: on this machine, or in a guest. */
import { run } from '../run.mjs';

/** What the fault rows need besides CAN_RAW and vcan. */
const GUEST_MODULES = 'can-bcm can-gw slcan vxcan sch_netem sch_tbf';
const CONTROLLER_MODULES = 'sch_netem sch_tbf';
/** The Debian packages that a place needs. */
export const PACKAGES = {
  guest: ['user-mode-linux', 'kmod', 'iproute2', 'can-utils'],
  controllers: ['qemu-system-x86', 'busybox-static', 'cpio', 'kmod', 'iproute2', 'can-utils'],
};

/**
 * @typedef {object} Kernel
 * @property {(command: readonly string[], seconds: number, cpu: number) => string[]} wrap the command
 *   line that runs a command there
 * @property {string | undefined} lock jobs in the same kernel would disturb each other
 */

/** @returns {Promise<Kernel | undefined>} undefined: there is none; the reason was printed */
export async function findKernel() {
  if (process.getuid?.() === 0) {
    const { status } = await run('sh', ['scripts/setup-vcan.sh'], { output: () => {} });
    if (status === 0) {
      const tools = await run('sh', ['scripts/install-packages.sh', 'iproute2', 'can-utils']);
      return tools.status === 0 ? { wrap: (command) => [...command], lock: 'the kernel of this machine' } : undefined;
    }
  }
  // With what the CPU needs besides PACKAGES.guest.
  const { status } = await run('sh', ['scripts/install-packages.sh']);
  if (status !== 0) return undefined;
  console.log('This machine has no CAN, or you are not root: the kernel tests boot a guest (3 s).');
  return {
    wrap: (command, seconds, cpu) => [
      ...['bash', 'scripts/can-guest.sh', '--timeout', String(seconds), '--cpu', String(cpu)],
      ...['--modules', GUEST_MODULES, '--', ...command],
    ],
    lock: undefined,
  };
}

/** @returns {Promise<Kernel | undefined>} a machine with two emulated controllers */
export async function findControllers() {
  const { status } = await run('sh', ['scripts/install-packages.sh', ...PACKAGES.controllers]);
  if (status !== 0) return undefined;
  return {
    wrap: (command, seconds) => [
      ...['bash', 'scripts/can-controllers.sh', '--timeout', String(seconds)],
      ...['--modules', CONTROLLER_MODULES, '--', ...command],
    ],
    lock: undefined,
  };
}
