/** A constant of linux/can/error.h: its name without `CAN_ERR_`, its value, and its name in this library. */
export type Named = readonly [constant: string, value: number, name: string];

export const CLASSES: readonly Named[] = [
  ['TX_TIMEOUT', 0x001, 'tx-timeout'],
  ['LOSTARB', 0x002, 'lost-arbitration'],
  ['CRTL', 0x004, 'controller'],
  ['PROT', 0x008, 'protocol'],
  ['TRX', 0x010, 'transceiver'],
  ['ACK', 0x020, 'no-ack'],
  ['BUSOFF', 0x040, 'bus-off'],
  ['BUSERROR', 0x080, 'bus-error'],
  ['RESTARTED', 0x100, 'restarted'],
  ['CNT', 0x200, 'counters'],
];

/** Bits of data[1]. */
export const CONTROLLER: readonly Named[] = [
  ['CRTL_RX_OVERFLOW', 0x01, 'rx-overflow'],
  ['CRTL_TX_OVERFLOW', 0x02, 'tx-overflow'],
  ['CRTL_RX_WARNING', 0x04, 'rx-warning'],
  ['CRTL_TX_WARNING', 0x08, 'tx-warning'],
  ['CRTL_RX_PASSIVE', 0x10, 'rx-passive'],
  ['CRTL_TX_PASSIVE', 0x20, 'tx-passive'],
  ['CRTL_ACTIVE', 0x40, 'active'],
];

/** Bits of data[2]. */
export const PROTOCOL: readonly Named[] = [
  ['PROT_BIT', 0x01, 'bit'],
  ['PROT_FORM', 0x02, 'form'],
  ['PROT_STUFF', 0x04, 'stuff'],
  ['PROT_BIT0', 0x08, 'bit-0'],
  ['PROT_BIT1', 0x10, 'bit-1'],
  ['PROT_OVERLOAD', 0x20, 'overload'],
  ['PROT_ACTIVE', 0x40, 'active'],
  ['PROT_TX', 0x80, 'tx'],
];

/** Values of data[3]. */
export const LOCATIONS: readonly Named[] = [
  ['PROT_LOC_SOF', 0x03, 'sof'],
  ['PROT_LOC_ID28_21', 0x02, 'id-28-21'],
  ['PROT_LOC_ID20_18', 0x06, 'id-20-18'],
  ['PROT_LOC_SRTR', 0x04, 'srtr'],
  ['PROT_LOC_IDE', 0x05, 'ide'],
  ['PROT_LOC_ID17_13', 0x07, 'id-17-13'],
  ['PROT_LOC_ID12_05', 0x0f, 'id-12-05'],
  ['PROT_LOC_ID04_00', 0x0e, 'id-04-00'],
  ['PROT_LOC_RTR', 0x0c, 'rtr'],
  ['PROT_LOC_RES1', 0x0d, 'reserved-1'],
  ['PROT_LOC_RES0', 0x09, 'reserved-0'],
  ['PROT_LOC_DLC', 0x0b, 'dlc'],
  ['PROT_LOC_DATA', 0x0a, 'data'],
  ['PROT_LOC_CRC_SEQ', 0x08, 'crc-sequence'],
  ['PROT_LOC_CRC_DEL', 0x18, 'crc-delimiter'],
  ['PROT_LOC_ACK', 0x19, 'ack'],
  ['PROT_LOC_ACK_DEL', 0x1b, 'ack-delimiter'],
  ['PROT_LOC_EOF', 0x1a, 'eof'],
  ['PROT_LOC_INTERM', 0x12, 'intermission'],
];

/** Values of data[4]: CANH in the low half, CANL in the high half. */
export const TRANSCEIVER: readonly Named[] = [
  ['TRX_CANH_NO_WIRE', 0x04, 'canh-no-wire'],
  ['TRX_CANH_SHORT_TO_BAT', 0x05, 'canh-short-to-battery'],
  ['TRX_CANH_SHORT_TO_VCC', 0x06, 'canh-short-to-vcc'],
  ['TRX_CANH_SHORT_TO_GND', 0x07, 'canh-short-to-ground'],
  ['TRX_CANL_NO_WIRE', 0x40, 'canl-no-wire'],
  ['TRX_CANL_SHORT_TO_BAT', 0x50, 'canl-short-to-battery'],
  ['TRX_CANL_SHORT_TO_VCC', 0x60, 'canl-short-to-vcc'],
  ['TRX_CANL_SHORT_TO_GND', 0x70, 'canl-short-to-ground'],
  ['TRX_CANL_SHORT_TO_CANH', 0x80, 'canl-short-to-canh'],
];
