/** Whether the machine stores the low byte first; the kernel's structs are in host order. */
export const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
