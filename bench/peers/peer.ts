import { spawnSync } from 'node:child_process';

/** Something that keeps processes current on a value, and a client of it as one would write or configure it. */
export interface Peer {
  readonly name: string;
  /** What it is, for a person. */
  readonly title: string;
  /** Its server, as found on the PATH. */
  readonly command: string;
  args(port: number, folder: string): readonly string[];
  /** Where the value is, of a peer on Redis: others may write there, who know nothing of the peer. */
  readonly redisKey?: string;
  connect(port: number): Promise<PeerConnection>;
}

/** A client in one process. It does by itself what its kind does when the connection is gone. */
export interface PeerConnection {
  put(value: string): Promise<unknown>;
  /** Resolves when from now on each value is told. */
  watch(onValue: (value: string) => void): Promise<void>;
  /** What its own client calls a read; `''` when there is no value. */
  get(): Promise<string> | string;
  /** What a service that watches is served: what it was told last, or what `get` says where that is kept current. */
  served(): Promise<string> | string;
  /** What it says of itself, to whoever asks. */
  saysCurrent(): boolean;
  close(): void;
}

export function isInstalled({ command }: Peer): boolean {
  return spawnSync(command, ['--version']).error === undefined;
}
