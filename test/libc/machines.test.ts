import { expect } from 'chai';
import { layouts } from '../../src/libc';
import { controlLayout } from '../../src/libc/cmsg';
import * as constants from '../../src/libc/constants';
import * as errno from '../../src/libc/errno';
import { evaluateC, hasCompiler, TARGETS } from '../support/headers/c';
import { inC } from '../support/headers/c-layouts';

/*
 * What the library computes for other machines than this one, against their own headers, compiled by
 * Debian's cross compilers.
 */

for (const target of TARGETS) {
  (hasCompiler(target) ? describe : describe.skip)(`On ${target.name}`, () => {
    const all = layouts(target.abi);

    function agree(ours: Record<string, number>): void {
      expect(Object.keys(ours)).not.to.have.length(0);
      expect(ours).to.deep.equal(evaluateC(Object.keys(ours), target));
    }

    it('C types have the sizes and alignments that the layouts are computed from', () => {
      agree({
        'sizeof(void *)': target.abi.pointer,
        'sizeof(size_t)': target.abi.pointer,
        'sizeof(long)': target.abi.long,
        'offsetof(struct { char c; long long value; }, value)': target.abi.alignofInt64,
        'offsetof(struct { char c; __u64 value; }, value)': target.abi.alignofInt64,
      });
    });

    it('all structs are laid as computed', () => {
      agree(inC(all));
    });

    it('structs of arrays are as far apart as computed', () => {
      agree({
        'sizeof(struct mmsghdr[64])': 64 * all.mmsghdr.size,
        'sizeof(struct iovec[64])': 64 * all.iovec.size,
        'sizeof(struct can_filter[512])': 512 * all.can_filter.size,
      });
    });

    it('control messages have the places computed', () => {
      const { align, len, space } = controlLayout(all.cmsghdr);
      const sizes = [0, 1, 4, 7, 8, 9, 12, 16, 24, 47, 48, 64];
      agree(
        Object.fromEntries(
          sizes.flatMap((size) => [
            [`CMSG_ALIGN(${size})`, align(size)],
            [`CMSG_LEN(${size})`, len(size)],
            [`CMSG_SPACE(${size})`, space(size)],
          ]),
        ),
      );
    });

    it('all constants and error numbers have the values that are used', () => {
      agree({ ...constants, ...errno });
    });

    it('time stamps of the kernel come as the struct of the option that is set', () => {
      // The C library's own time_t may have 64 bits where the kernel's old one has 32.
      agree({
        'sizeof(struct __kernel_timespec)': all.kernel_timespec.size,
        'sizeof(__kernel_old_time_t) + sizeof(__kernel_long_t)': all.timespec.size,
        'sizeof(struct __kernel_old_timeval)': all.timeval.size,
      });
    });
  });
}
