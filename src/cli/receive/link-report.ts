import type { CANSocket } from '../../index';

export interface LinkReportOptions {
  /** Writes a line to stderr. Except for error messages it begins with the interface. */
  readonly report: (text: string) => void;
  /** What happens to frames while the link is down: `waiting for it to come up`. */
  readonly whileDown: string;
  /** Called with the error that closed the socket. */
  readonly onFailure: (error: Error) => void;
}

/** Reports the changes of a socket's link, and the errors that do not close the socket. */
export function reportLink(socket: CANSocket, { report, whileDown, onFailure }: LinkReportOptions): void {
  const on = (event: 'down' | 'up' | 'gone' | 'back', text: string): void => {
    socket.on(event, () => {
      report(`${socket.interfaceName} ${text}`);
    });
  };
  on('down', `is down; ${whileDown}`);
  on('up', 'is up');
  on('gone', 'is gone; it will be reopened when it returns');
  on('back', 'is back');
  socket.on('error', (error) => {
    if (socket.state === 'closed') onFailure(error);
    else report(error.message);
  });
  if (socket.state === 'down') report(`${socket.interfaceName} is down; ${whileDown}`);
}
