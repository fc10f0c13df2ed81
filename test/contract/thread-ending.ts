import { descriptorCount, threadCount } from '../support/processes/process';
import { until } from '../support/waiting/until';
import { put, type World } from './world';
import { useWorld } from './world-sockets';

const CYCLES = 3;

/** Media that open and close while no other socket keeps a poller thread alive. */
export function threadEnding(world: World): void {
  const open = useWorld(world);

  /** Receives a frame that arrived before the poller started, closes while frames arrive. */
  async function cycle(): Promise<void> {
    const media = open.media();
    put(world, 0x123);
    await new Promise<void>((resolve) => {
      media.start(() => {
        resolve();
      }, false);
    });
    put(world, 0x124);
    const closing = media.close();
    put(world, 0x125);
    await closing;
  }

  it(`releases descriptors and threads each time the only media closes, ${CYCLES} times`, async () => {
    await cycle();
    const [descriptors, threads] = [descriptorCount(), threadCount()];
    for (let i = 0; i < CYCLES; i++) {
      await cycle();
      const released = () => descriptorCount() === descriptors && threadCount() === threads;
      // A thread may stay in /proc for a moment after it has ended.
      await until(released, `${descriptors} descriptors and ${threads} threads, cycle ${i}`);
    }
  });
}
