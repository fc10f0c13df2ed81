import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Administrators' programs are missing from the PATH of many ordinary users. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/**
 * A Mosquitto on a free port of this machine's loopback, with an empty folder of its own. It keeps
 * sessions and messages over a stop and a start, which its defaults do not.
 */
export class Broker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'socketcan-mqtt-'));
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    const settings = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${this.#folder}/`,
      // As root it would otherwise become a user who may not write there.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      // 1000 by default; what is more is thrown away without a word.
      'max_queued_messages 0',
    ];
    writeFileSync(this.#configuration, `${settings.join('\n')}\n`);
  }

  /** @throws {Error} `ENOENT` where Mosquitto is not installed */
  static async start(): Promise<Broker> {
    const broker = new Broker(await freePort());
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  get #configuration(): string {
    return join(this.#folder, 'mosquitto.conf');
  }

  /** Starts it, again after stop(), and resolves when it takes connections. */
  async start(): Promise<void> {
    const child = spawn('mosquitto', ['-c', this.#configuration], {
      stdio: 'ignore',
      env: { ...process.env, PATH },
    });
    await once(child, 'spawn');
    this.#process = child;
    for (let attempt = 0; attempt < 200; attempt++) {
      if (child.exitCode !== null) break;
      if (await this.#answers()) return;
      await sleep(25);
    }
    throw new Error('mosquitto does not take connections');
  }

  /** Stops it, as a machine that goes down in order; connections break. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  }

  /** Stops it and removes what it has written. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true });
  }

  async #answers(): Promise<boolean> {
    const connection = connect(this.#port, '127.0.0.1');
    try {
      await once(connection, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      connection.destroy();
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
