import { CANSocket, SocketCANMedia, type CANSocketOptions, type SocketCANMediaOptions } from '../../src';
import { ListeningSocket } from '../support/sockets/listening-socket';
import { ListeningMedia } from '../support/sockets/media';
import type { World } from './world';

/**
 * Opens sockets and media on the interface of a world, with the poller of that world. The suite opens
 * none in another way, so each of its tests runs on the poller it names.
 */
export class WorldSockets {
  readonly #world: World;
  readonly #open: { close(): Promise<void> }[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  socket(options: CANSocketOptions = {}): CANSocket {
    return this.#keep(new CANSocket(this.#world.interfaceName, this.#with(options)));
  }

  listeningSocket(options: CANSocketOptions = {}): ListeningSocket {
    return this.#keep(new ListeningSocket(this.#world.interfaceName, this.#with(options)));
  }

  media(options: SocketCANMediaOptions = {}, mtu = 64): SocketCANMedia {
    return this.#keep(new SocketCANMedia(this.#world.interfaceName, mtu, this.#with(options)));
  }

  listeningMedia(options: SocketCANMediaOptions = {}, mtu = 64): ListeningMedia {
    return this.#keep(new ListeningMedia(this.#world.interfaceName, mtu, this.#with(options)));
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((each) => each.close()));
  }

  #with<T extends object>(options: T): T & Pick<World, 'poller'> {
    return { ...options, poller: this.#world.poller };
  }

  #keep<T extends { close(): Promise<void> }>(each: T): T {
    this.#open.push(each);
    return each;
  }
}

/** Creates the interface before each test. After it, closes what the test opened, and removes the interface. */
export function useWorld(world: World): WorldSockets {
  const sockets = new WorldSockets(world);
  beforeEach(() => {
    world.create();
  });
  afterEach(async () => {
    await sockets.closeAll();
    world.destroy();
  });
  return sockets;
}
