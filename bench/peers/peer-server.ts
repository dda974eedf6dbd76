import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { freePort } from '../../test/support/free-port.ts';
import type { Peer } from './peer.ts';

/** A server of one peer, in a folder of its own. */
export class PeerServer {
  readonly port: number;
  readonly #peer: Peer;
  #folder = '';
  #process: ChildProcess | null = null;
  readonly #kill = (): void => void this.#process?.kill('SIGKILL');

  private constructor(peer: Peer, port: number) {
    this.#peer = peer;
    this.port = port;
    process.once('exit', this.#kill);
  }

  static async start(peer: Peer): Promise<PeerServer> {
    const server = new PeerServer(peer, await freePort());
    await server.#launch();
    await until(`${peer.name} answers`, async () => {
      (await peer.connect(server.port)).close();
      return true;
    });
    return server;
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Kills it, and starts it at the same address with nothing of what it had. */
  async restartEmpty(): Promise<void> {
    await this.#end();
    await this.#launch();
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    await this.#end();
  }

  async #launch(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'mutt-peer-'));
    const child = spawn(this.#peer.command, this.#peer.args(this.port, this.#folder), { stdio: 'ignore' });
    this.#process = child;
    await until(`${this.#peer.name} accepts connections`, () => {
      if (child.exitCode !== null) throw new Error(`${this.#peer.command} ended with ${child.exitCode}.`);
      return accepts(this.port);
    });
  }

  async #end(): Promise<void> {
    const child = this.#process;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
