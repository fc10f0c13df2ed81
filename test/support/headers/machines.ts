import { hostABI, type ABI } from '../../../src/libc/ref';

/** A machine that Node supports and that Debian has a C compiler for. */
export interface Machine {
  /** The value of process.arch. */
  readonly name: 'x64' | 'arm' | 'arm64' | 'riscv64';
  readonly abi: ABI;
  /** The prefix of the commands of its compiler and tools. */
  readonly prefix: string;
  /** Debian and Ubuntu packages of the cross compiler and its headers. */
  readonly packages: readonly [compiler: string, headers: string];
}

const LP64: ABI = { pointer: 8, long: 8, alignofInt64: 8 };
const ILP32: ABI = { pointer: 4, long: 4, alignofInt64: 8 };

export const MACHINES: readonly Machine[] = [
  {
    name: 'x64',
    abi: LP64,
    prefix: 'x86_64-linux-gnu-',
    packages: ['gcc-x86-64-linux-gnu', 'libc6-dev-amd64-cross'],
  },
  {
    name: 'arm',
    abi: ILP32,
    prefix: 'arm-linux-gnueabihf-',
    packages: ['gcc-arm-linux-gnueabihf', 'libc6-dev-armhf-cross'],
  },
  {
    name: 'arm64',
    abi: LP64,
    prefix: 'aarch64-linux-gnu-',
    packages: ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross'],
  },
  {
    name: 'riscv64',
    abi: LP64,
    prefix: 'riscv64-linux-gnu-',
    packages: ['gcc-riscv64-linux-gnu', 'libc6-dev-riscv64-cross'],
  },
];

/** Returns the packages with the compiler and headers for a machine. */
export function packagesFor({ name, packages }: Machine): readonly string[] {
  return name === process.arch ? ['gcc', 'libc6-dev'] : packages;
}

/** Returns this machine, or one with the same sizes and alignments of C types. */
export function hostMachine(): Machine {
  const abi = hostABI();
  const alike = MACHINES.filter(
    (machine) =>
      machine.abi.pointer === abi.pointer &&
      machine.abi.long === abi.long &&
      machine.abi.alignofInt64 === abi.alignofInt64,
  );
  const machine = alike.find(({ name }) => name === process.arch) ?? alike[0];
  if (machine === undefined) throw new Error(`No header data for a machine like ${process.arch}`);
  return machine;
}
