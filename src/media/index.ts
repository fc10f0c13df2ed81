/** The media contract of PyUAVCAN, and its port to SocketCAN. */
export {
  MediaError,
  type Envelope,
  type ErrorHandler,
  type Media,
  type ReceivedEnvelope,
  type ReceivedFramesHandler,
} from './media';
export {
  SocketCANMedia,
  type SocketCANMediaEvents,
  type SocketCANMediaOptions,
} from './socketcan-media';
