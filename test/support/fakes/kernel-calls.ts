import type { OpenOptions } from '../../../src/channel/kernel/open-socket';
import { AF_CAN, SO_RCVBUF } from '../../../src/libc/constants';
import { host } from '../../../src/libc/layouts';
import type { RawEndpointOptions } from '../../../src/raw/endpoint';
import { rawSocketCalls } from '../../../src/raw/kernel/open';

type Calls = typeof rawSocketCalls;

/** The default options of a CAN_RAW socket. */
export const OPTIONS: RawEndpointOptions = {
  canFD: true,
  loopback: true,
  joinFilters: false,
  filters: undefined,
  errorMask: 0,
  receiveOwn: false,
  timestamps: 'software',
  sendBufferSize: undefined,
  receiveBufferSize: 2_000_000,
};

/** The options of a PF_CAN socket of no protocol that exists. */
export const OPEN_OPTIONS: OpenOptions = {
  type: 2,
  protocol: 6,
  protocolHint: 'load the module of the protocol',
  timestamps: 'software',
  receiveBufferSize: 2_000_000,
  address: (index) => host.sockaddr_can.make({ can_family: AF_CAN, can_ifindex: index }),
};

/** A socket option as `level:name`, by numbers. */
export const option = (level: number, name: number): string => `${level}:${name}`;

/**
 * Stands in for a kernel with CAN while a socket is opened. It logs every call. A call succeeds unless an
 * answer is given for its name, or for an option under `set level:name` or `get level:name`.
 */
export class FakeKernel {
  static readonly fd = 4711;
  readonly log: string[] = [];
  readonly values = new Map<string, number | Uint8Array>();
  address: Uint8Array | undefined;
  readonly #answers: Readonly<Record<string, number>>;

  constructor(answers: Readonly<Record<string, number>> = {}) {
    this.#answers = answers;
  }

  #answer(name: string, otherwise: number): number {
    this.log.push(name);
    return this.#answers[name] ?? otherwise;
  }

  get calls(): Calls {
    return {
      socket: (domain, type, protocol) =>
        this.#answer(`socket ${domain} ${type} ${protocol}`, this.#answers['socket'] ?? FakeKernel.fd),
      bind: (fd, address) => {
        this.address = Uint8Array.from(address);
        return this.#answer(`bind ${fd}`, this.#answers['bind'] ?? 0);
      },
      setsockopt: (_fd, level, name, value) => {
        const result = this.#answer(`set ${option(level, name)}`, 0);
        if (result >= 0) this.values.set(option(level, name), Uint8Array.from(value));
        return result;
      },
      setsockoptInt: (_fd, level, name, value) => {
        const result = this.#answer(`set ${option(level, name)}`, 0);
        if (result >= 0) this.values.set(option(level, name), value);
        return result;
      },
      getsockoptInt: (_fd, level, name) =>
        this.#answer(`get ${option(level, name)}`, name === SO_RCVBUF ? 4_000_000 : 0),
      if_nametoindex: (_fd, name) => this.#answer(`if_nametoindex ${name}`, this.#answers['if_nametoindex'] ?? 3),
      timestampingOf: (_fd, name) => this.#answer(`timestampingOf ${name}`, this.#answers['timestampingOf'] ?? 0),
      transmitQueueOf: (_fd, name) => this.#answer(`transmitQueueOf ${name}`, this.#answers['transmitQueueOf'] ?? 10),
      close: (fd) => this.#answer(`close ${fd}`, 0),
    };
  }

  get closes(): number {
    return this.log.filter((line) => line === `close ${FakeKernel.fd}`).length;
  }
}
