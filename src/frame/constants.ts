/* Flags and sizes of linux/can.h. The struct layouts are the same on every architecture. */

/** Extended identifier (29 bits), in can_id. */
export const CAN_EFF_FLAG = 0x80000000;
/** Remote frame, in can_id. */
export const CAN_RTR_FLAG = 0x40000000;
/** Error frame, in can_id. */
export const CAN_ERR_FLAG = 0x20000000;

/** In the can_id of a filter: it passes what it otherwise would not. The bit is CAN_ERR_FLAG's in a frame. */
export const CAN_INV_FILTER = 0x20000000;

/** Bit rate switch, in the flags of a CAN FD frame. */
export const CANFD_BRS = 0x01;
/** Error state indicator, in the flags of a CAN FD frame. */
export const CANFD_ESI = 0x02;

/** Bytes of struct can_frame. */
export const CAN_MTU = 16;
/** Bytes of struct canfd_frame. */
export const CANFD_MTU = 72;

/** Offsets in bytes, in both structs. */
export const CAN_LENGTH_OFFSET = 4;
/** In struct canfd_frame only; struct can_frame has padding there. */
export const CANFD_FLAGS_OFFSET = 5;
export const CAN_DATA_OFFSET = 8;
