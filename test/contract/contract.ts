import { optionDefaults } from '../../src/socket/options';
import { badFrames } from './bad-frames';
import { closing } from './closing';
import { confirm } from './confirm';
import { filters } from './filters';
import { iteration } from './iteration';
import { links } from './links';
import { lostEchoes } from './lost-echoes';
import { queueing } from './queueing';
import { recovery } from './recovery';
import { sending, sockets } from './sending';
import { socketFilters } from './socket-filters';
import type { World } from './world';

/** What a media and a socket promise, on a bus of whatever kind. */
export function contract(world: World): void {
  for (const poller of ['thread', 'loop'] as const) {
    describe(`The contract on a ${world.kind} bus, poller '${poller}'`, () => {
      before(() => {
        optionDefaults.poller = poller;
      });
      after(() => {
        optionDefaults.poller = 'thread';
      });
      promises(world);
    });
  }
}

function promises(world: World): void {
  describe('sending and receiving', () => {
    sending(world);
  });
  describe('CANSocket', () => {
    sockets(world);
  });
  describe('confirmations', () => {
    confirm(world);
  });
  describe('what waits to be sent', () => {
    queueing(world);
  });
  describe('acceptance filters', () => {
    filters(world);
  });
  describe('filters of a CANSocket', () => {
    socketFilters(world);
  });
  describe('bad frames', () => {
    badFrames(world);
  });
  describe('links', () => {
    links(world);
  });
  describe('iteration', () => {
    iteration(world);
  });
  describe('recovery', () => {
    recovery(world);
  });
  describe('echoes that do not come', () => {
    lostEchoes(world);
  });
  describe('closing', () => {
    closing(world);
  });
}
