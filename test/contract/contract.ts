import { expect } from 'chai';
import { ThreadPoller } from '../../src/poller/thread-poller';
import { POLLER_KINDS } from '../../src/poller/kinds';
import { badFrames } from './bad-frames';
import { closing } from './closing';
import { confirm } from './confirm';
import { filters } from './filters';
import { iteration } from './iteration';
import { keepPollerThread } from './keep-poller-thread';
import { links } from './links';
import { lostEchoes } from './lost-echoes';
import { queueing } from './queueing';
import { recovery } from './recovery';
import { sending, sockets } from './sending';
import { socketFilters } from './socket-filters';
import { threadEnding } from './thread-ending';
import type { World } from './world';

/** What a media and a socket promise, on any kind of bus and with either poller. */
export function contract(worldOf: (poller: World['poller']) => World): void {
  for (const poller of POLLER_KINDS) {
    const world = worldOf(poller);
    describe(`The contract on a ${world.kind} bus, poller '${poller}'`, () => {
      describe('resources', () => {
        threadEnding(world);
      });
      if (poller === 'thread') promisesOnOneThread(world);
      else promisesWithoutThread(world);
    });
  }
}

function promisesOnOneThread(world: World): void {
  describe('with the poller thread running', () => {
    keepPollerThread();
    promises(world);
  });
}

function promisesWithoutThread(world: World): void {
  describe('without a poller thread', () => {
    afterEach(() => {
      expect(ThreadPoller.counters, 'no test of this block starts the poller thread').to.equal(undefined);
    });
    promises(world);
  });
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
  describe('the transmit queue', () => {
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
  describe('missing echoes', () => {
    lostEchoes(world);
  });
  describe('closing', () => {
    closing(world);
  });
}
