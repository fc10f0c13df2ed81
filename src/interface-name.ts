import { invalidArgument } from './errors';

/** What a name stands for: an interface of the kernel's, or a bus of this process. */
export interface InterfaceKind {
  readonly scheme: 'kernel' | 'virtual';
  readonly name: string;
}

function invalid(error: TypeError | RangeError): Error {
  return invalidArgument(error, 'ERR_SOCKETCAN_INVALID_NAME');
}

/**
 * Reads an interface's name: `can0` is the kernel's, `virtual:NAME` the built-in bus of that name.
 *
 * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_NAME` when it can be neither
 */
export function interfaceKind(interfaceName: unknown): InterfaceKind {
  if (typeof interfaceName !== 'string') {
    throw invalid(new TypeError(`The interface name must be a string, not ${typeof interfaceName}`));
  }
  const colon = interfaceName.indexOf(':');
  if (colon < 0) return { scheme: 'kernel', name: kernelName(interfaceName) };
  const scheme = interfaceName.slice(0, colon);
  const name = interfaceName.slice(colon + 1);
  if (scheme !== 'virtual') {
    throw invalid(
      new RangeError(
        `Unknown scheme ${JSON.stringify(scheme)} in the interface name ${JSON.stringify(interfaceName)}: there are can0, vcan0, ... and virtual:NAME`,
      ),
    );
  }
  if (name === '') {
    throw invalid(new RangeError('The name of a virtual bus is empty: virtual:NAME needs a NAME'));
  }
  return { scheme, name };
}

/** netdevice(7): IFNAMSIZ is 16 with the NUL; the kernel refuses "/", ":" and white space. */
function kernelName(name: string): string {
  if (name === '' || Buffer.byteLength(name) > 15 || /[\s/\0]/.test(name)) {
    throw invalid(
      new RangeError(
        `The interface name must be 1 to 15 bytes without white space, "/" and ":", not ${JSON.stringify(name)}`,
      ),
    );
  }
  return name;
}
