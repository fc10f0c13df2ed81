import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CANSocket, type SystemError } from '../../../index';
import { isVirtual } from '../../interfaces/virtual';
import { fail, ok, warn, type Finding } from './finding';

/** What a CANSocket asks of the kernel for its receive buffer, and what a frame takes of it (measured). */
const WANTED_BUFFER = 2 * 1024 * 1024;
const FRAME_MEMORY = 768;

/** The checks of the machine: what runs this, and whether the kernel has CAN. */
export function checkMachine(): Finding[] {
  return [checkRuntime(), checkKernel()];
}

/** This package was loaded, so koffi's binary fits; it is told for the reports of bugs. */
function checkRuntime(): Finding {
  const { version, platform, arch } = process;
  const libc = hasGlibc() ? 'glibc' : 'musl';
  const system = platform === 'linux' ? `${platform} ${arch} (${libc})` : `${platform} ${arch}`;
  const message = `Node.js ${version}, koffi ${koffiVersion()}, ${system}`;
  if (platform === 'linux') return ok('runtime', message);
  return fail('runtime', `${message}: only Linux has SocketCAN; virtual:NAME works there alone`);
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

/** Asks for a CAN socket on an interface that is none: how that fails tells what the kernel has. */
function checkKernel(): Finding {
  const error = openError('lo');
  switch (error?.code) {
    case undefined:
    case 'ENODEV':
      return ok('kernel', 'CAN sockets can be opened; no privilege is needed for that');
    case 'EAFNOSUPPORT':
      return fail(
        'kernel',
        'this kernel has no CAN: the module "can" is missing (in a container or a small virtual machine, that of the host)',
        'sudo modprobe can',
        'sudo apt-get install linux-modules-extra-$(uname -r)   # Ubuntu, if modprobe finds none',
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
        `CAN sockets are forbidden here (${error.code}): a security policy (seccomp, SELinux, AppArmor), as CAN needs no privilege`,
      );
    default:
      return fail('kernel', error?.message ?? '');
  }
}

/** Why a socket on this interface cannot be opened; undefined: it can. */
export function openError(interfaceName: string): SystemError | undefined {
  try {
    void new CANSocket(interfaceName).close();
    return undefined;
  } catch (error) {
    return error as SystemError;
  }
}

/** What the kernel grants as a receive buffer. */
export function checkBuffer(interfaceName: string): Finding {
  const socket = new CANSocket(interfaceName);
  // The kernel doubles what is asked for, for its own overhead, and tells that.
  const granted = socket.receiveBufferSize;
  void socket.close();
  const room = `a receive buffer of ${granted} bytes, room for ${Math.floor(granted / FRAME_MEMORY)} frames`;
  if (isVirtual(interfaceName) || granted >= WANTED_BUFFER) return ok('buffer', room);
  return warn(
    'buffer',
    `${room}: the limit is net.core.rmem_max (${limit()}); in a burst the kernel drops what does not fit, and it is counted`,
    `sudo sysctl -w net.core.rmem_max=${WANTED_BUFFER}`,
  );
}

function limit(): string {
  try {
    return readFileSync('/proc/sys/net/core/rmem_max', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
