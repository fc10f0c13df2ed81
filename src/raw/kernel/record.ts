import type { RecordLayout } from '../../poller/record';

/**
 * The records of a CAN_RAW socket. A packet is struct can_frame (16 bytes) or canfd_frame (72). The room is larger, so
 * that the length of a longer packet, which the kernel cuts off, differs from both.
 */
export const CAN_RAW_RECORD: RecordLayout = { packetSize: 80, trailer: false };
