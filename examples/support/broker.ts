import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Administrators' programs are missing from the PATH of many ordinary users. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/**
 * A Mosquitto with an empty folder of its own, which holds its Unix socket, too: a port could be taken
 * by another program between a stop and a start. It keeps sessions and messages over a restart, which
 * Mosquitto's defaults do not.
 */
export class Broker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'socketcan-mqtt-'));
  #process: ChildProcess | undefined;

  private constructor() {
    const settings = [
      `listener 0 ${this.#socket}`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${this.#folder}/`,
      // As root it would otherwise become a user who may not write there.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      // Beyond the default of 1000 it drops messages silently.
      'max_queued_messages 0',
      // With the default of 20, Mosquitto 2.0.11 loses the 21st message that waits for a session.
      'max_inflight_messages 0',
    ];
    writeFileSync(this.#configuration, `${settings.join('\n')}\n`);
  }

  /** @throws {Error} `ENOENT` where Mosquitto is not installed */
  static async start(): Promise<Broker> {
    const broker = new Broker();
    try {
      await broker.start();
    } catch (error) {
      await broker.remove();
      throw error;
    }
    return broker;
  }

  get url(): string {
    return `mqtt+unix://${this.#socket}`;
  }

  get #socket(): string {
    return join(this.#folder, 'socket');
  }

  get #configuration(): string {
    return join(this.#folder, 'mosquitto.conf');
  }

  /** Starts it, also again after stop(), and resolves when it accepts connections. */
  async start(): Promise<void> {
    const child = spawn('mosquitto', ['-c', this.#configuration], {
      stdio: 'ignore',
      env: { ...process.env, PATH },
    });
    await once(child, 'spawn');
    this.#process = child;
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`mosquitto ended with status ${child.exitCode}`);
      await sleep(25);
    }
  }

  /** Ends it in order, as a machine that shuts down does; connections break. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }

  /** Stops it and removes what it has written. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true });
  }

  async #answers(): Promise<boolean> {
    const connection = connect(this.#socket);
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
