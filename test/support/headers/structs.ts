import type { layouts } from '../../../src/libc/layouts';

/** Members that have another name in C; undefined: the end of a union, which has no name. */
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

/** Returns the sizes and offsets of all structs by the C expressions that must have these values. */
export function structsInC(all: ReturnType<typeof layouts>): Record<string, number> {
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
