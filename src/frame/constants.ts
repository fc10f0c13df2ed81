/*
 * Flags, sizes and offsets of linux/can.h. The structs have the same layout on every architecture:
 *
 *   struct can_frame {            struct canfd_frame {
 *     __u32 can_id;                 __u32 can_id;
 *     __u8 len;                     __u8 len;
 *     __u8 __pad;                   __u8 flags;
 *     __u8 __res0;                  __u8 __res0;
 *     __u8 len8_dlc;                __u8 __res1;
 *     __u8 data[8];                 __u8 data[64];
 *   };                            };
 */

/** Offset of `len` in both structs, in bytes. */
export const CAN_LENGTH_OFFSET = 4;
/** Offset of `flags` in struct canfd_frame. struct can_frame has padding there. */
export const CANFD_FLAGS_OFFSET = CAN_LENGTH_OFFSET + 1;
/** Offset of `data` in both structs, after two more bytes. */
export const CAN_DATA_OFFSET = CANFD_FLAGS_OFFSET + 3;
/** Size of struct can_frame in bytes: CAN_DATA_OFFSET + 8. */
export const CAN_MTU = 16;
/** Size of struct canfd_frame in bytes: CAN_DATA_OFFSET + 64. */
export const CANFD_MTU = 72;

/** Flag in can_id: extended identifier (29 bits). */
export const CAN_EFF_FLAG = 0x80000000;
/** Flag in can_id: remote frame. */
export const CAN_RTR_FLAG = 0x40000000;
/** Flag in can_id: error frame. */
export const CAN_ERR_FLAG = 0x20000000;
/** Flag in the can_id of a filter: inverts the filter. The same bit as CAN_ERR_FLAG. */
export const CAN_INV_FILTER = 0x20000000;

/** Flag of a CAN FD frame: bit rate switch. */
export const CANFD_BRS = 0x01;
/** Flag of a CAN FD frame: error state indicator. */
export const CANFD_ESI = 0x02;
/** Flag of a CAN FD frame: marks CAN FD where both kinds of frames use struct canfd_frame. */
export const CANFD_FDF = 0x04;
