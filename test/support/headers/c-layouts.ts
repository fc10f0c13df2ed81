import type { layouts } from '../../../src/libc';

/** Members whose C name is another; those without one are tails of unions. */
const C_NAMES: Readonly<Record<string, string | undefined>> = {
  'can_frame.pad': '__pad',
  'can_frame.res0': '__res0',
  'canfd_frame.res0': '__res0',
  'canfd_frame.res1': '__res1',
  'sockaddr_can.rx_id': 'can_addr.tp.rx_id',
  'sockaddr_can.tx_id': 'can_addr.tp.tx_id',
  'sockaddr_can.j1939_rest': undefined,
  'ifinfomsg.pad': '__ifi_pad',
  'ifreq.ifr_value': 'ifr_ifru',
  'ifreq.rest': undefined,
};

/** Sizes and offsets of all structs, by the C expressions that have these values on the machine they are of. */
export function inC(all: ReturnType<typeof layouts>): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [name, layout] of Object.entries(all)) {
    const struct = `struct ${name === 'kernel_timespec' ? '__kernel_timespec' : name}`;
    values[`sizeof(${struct})`] = layout.size;
    for (const [member, offset] of Object.entries<number>(layout.offset)) {
      const key = `${name}.${member}`;
      const cName = key in C_NAMES ? C_NAMES[key] : member;
      if (cName !== undefined) values[`offsetof(${struct}, ${cName})`] = offset;
    }
  }
  return values;
}
