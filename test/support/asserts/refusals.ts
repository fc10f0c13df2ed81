import { expect } from 'chai';
import { CANSocket, SocketCANMedia } from '../../../src';
import { openDescriptors } from '../processes/process';
import { thrown, wrong } from './thrown';

/** What a socket and a media say to a name, with nothing left open. */
export function refusals(name: unknown): (Error & Record<string, unknown>)[] {
  const before = openDescriptors();
  const errors = [thrown(() => new CANSocket(wrong(name))), thrown(() => new SocketCANMedia(wrong(name), 8))];
  expect(openDescriptors()).to.deep.equal(before);
  return errors;
}
