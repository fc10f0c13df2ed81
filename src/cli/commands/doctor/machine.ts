import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SystemError } from '../../../index';
import { fail, ok, type Finding } from './finding';
import { openError } from './probe';

/** Checks the machine: the runtime, and CAN in the kernel. */
export function checkMachine(): Finding[] {
  return [checkRuntime(), checkKernel(openError('lo'))];
}

/** The package was loaded, so koffi has a binary for this machine. The versions are for bug reports. */
function checkRuntime(): Finding {
  const { version, platform, arch } = process;
  const libc = hasGlibc() ? 'glibc' : 'musl';
  const system = platform === 'linux' ? `${platform} ${arch} (${libc})` : `${platform} ${arch}`;
  const message = `Node.js ${version}, koffi ${koffiVersion()}, ${system}`;
  if (platform === 'linux') return ok('runtime', message);
  return fail('runtime', `${message}: only Linux has SocketCAN; here only virtual:NAME works`);
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}

function koffiVersion(): string {
  try {
    const folder = dirname(require.resolve('koffi'));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return version;
  } catch {
    return '(version unknown)';
  }
}

/** @param error of a CAN socket on an interface that does not support CAN: it shows what the kernel supports */
function checkKernel(error: SystemError | undefined): Finding {
  switch (error?.code) {
    case undefined:
    case 'ENODEV':
      return ok('kernel', 'CAN sockets can be opened; they need no privilege');
    case 'EAFNOSUPPORT':
      return fail(
        'kernel',
        'this kernel has no CAN: the module "can" is missing (in a container or a small virtual machine: on its host)',
        'sudo modprobe can',
        'sudo apt-get install linux-modules-extra-$(uname -r)   # Ubuntu, if modprobe does not find it',
      );
    case 'EPROTONOSUPPORT':
      return fail(
        'kernel',
        'this kernel has no raw CAN sockets: the module "can-raw" is missing',
        'sudo modprobe can-raw',
      );
    case 'EPERM':
    case 'EACCES':
      return fail(
        'kernel',
        `CAN sockets are forbidden here (${error.code}) by a security policy (seccomp, SELinux, AppArmor): ` +
          'CAN itself needs no privilege',
      );
    default:
      return fail('kernel', error?.message ?? '');
  }
}
