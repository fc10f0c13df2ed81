import type { CANSocket } from '../../index';

/** What a command does about its sockets. */
export interface Following {
  /** A line for stderr, which begins with the interface. */
  readonly tell: (text: string) => void;
  /** What becomes of frames while the link is down: `frames come when it is up`. */
  readonly whileDown: string;
  /** The socket has failed for good. */
  readonly onFailure: (error: Error) => void;
}

/** Tells of a socket's link, and of errors after which it goes on. */
export function follow(socket: CANSocket, { tell, whileDown, onFailure }: Following): void {
  const say = (text: string) => () => {
    tell(`${socket.interfaceName} ${text}`);
  };
  const down = say(`is down; ${whileDown}`);
  socket.on('down', down);
  socket.on('up', say('is up'));
  socket.on('gone', say('is gone; it is opened again when it is back'));
  socket.on('back', say('is back'));
  socket.on('error', (error) => {
    if (socket.state === 'closed') onFailure(error);
    else tell(error.message);
  });
  if (socket.state === 'down') down();
}
