import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';

/** Something else that tells processes of a changed value. */
export interface Peer {
  readonly name: string;
  /** Its server, as found on the PATH. */
  readonly command: string;
  args(port: number, folder: string): readonly string[];
  connect(port: number): Promise<PeerConnection>;
}

interface PeerConnection {
  put(value: string): Promise<unknown>;
  /** Resolves when from now on each value is told. */
  watch(onValue: (value: string) => void): Promise<void>;
  close(): void;
}

export function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version']).error === undefined;
}

/** Runs a measure on a server of the peer's own. */
export async function withPeer<T>(peer: Peer, measure: (port: number) => Promise<T>): Promise<T> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'mutt-peer-'));
  const server = spawn(peer.command, peer.args(port, folder), { stdio: 'ignore' });
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  try {
    await until(`${peer.name} answers`, async () => {
      (await peer.connect(port)).close();
      return true;
    });
    return await measure(port);
  } finally {
    process.off('exit', kill);
    kill();
    await rm(folder, { recursive: true, force: true });
  }
}
