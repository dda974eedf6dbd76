import { randomUUID } from 'node:crypto';
import { StoreRefusedError } from '../errors.ts';
import type { RedisNamespace } from './namespace.ts';
import { Script } from './script.ts';
import type { RedisSession, Reply } from './session.ts';

const script = new Script('lease');

/** For how long a keeper that is gone without a word, connection and all, may be thought alive. */
const LEASE_MS = 120_000;

/** Who keeps the namespace, and whether the index held all keys when it last looked at all of them. */
interface Holder {
  readonly token: string;
  readonly isIndexComplete: boolean;
}

/** The lease `P@keeper`, as one process sees it. */
export class Lease {
  readonly #namespace: RedisNamespace;
  readonly #commands: () => Promise<RedisSession>;
  #token = randomUUID();
  /** What the lease says while it is ours. */
  #held: string | null = null;
  /** The session whose subscription proves us alive. */
  #provenBy: RedisSession | null = null;

  /** @param commands the connection that the lease is written on. */
  constructor(namespace: RedisNamespace, commands: () => Promise<RedisSession>) {
    this.#namespace = namespace;
    this.#commands = commands;
  }

  get isHeld(): boolean {
    return this.#held !== null;
  }

  /**
   * Takes the lease if nobody alive holds it. `feed` is then subscribed to the channel that proves us alive, so when that
   * session ends, the lease is given up.
   */
  async take(feed: RedisSession): Promise<boolean> {
    const { keeper } = this.#namespace;
    const current = ((await feed.send(['GET', keeper])) as string | null) ?? '';
    const holder = decode(current);
    if (holder !== null && holder.token !== this.#token && (await isAlive(feed, this.#namespace, holder))) {
      this.#held = null;
      return false;
    }
    await this.fallSilent();
    // Another one for each time: what was written since the last one is not recorded, so nobody may think that its lease
    // goes on.
    this.#token = randomUUID();
    await feed.subscribe(this.#namespace.keeperAlive(this.#token));
    this.#provenBy = feed;
    return this.#hand(current, encode(this.#token, false));
  }

  /** Says that the index holds all keys: it was compared with all of them, and the lease was held ever since. */
  async declareIndexComplete(): Promise<boolean> {
    return this.#held !== null && this.#hand(this.#held, encode(this.#token, true));
  }

  async renew(): Promise<boolean> {
    const session = await this.#commands();
    if ((await session.send(['PEXPIRE', this.#namespace.keeper, String(LEASE_MS)])) === 1) return true;
    this.#held = null;
    return false;
  }

  async giveUp(): Promise<void> {
    if (this.#held !== null) await this.#hand(this.#held, '');
    this.#held = null;
  }

  /** It is no longer ours, whatever Redis says. */
  forget(): void {
    this.#held = null;
    this.#provenBy = null;
  }

  /** Makes all others see that we no longer keep anything, though the lease may still name us. */
  async fallSilent(): Promise<void> {
    const feed = this.#provenBy;
    this.forget();
    if (!feed?.isOpen) return;
    try {
      await feed.unsubscribe(this.#namespace.keeperAlive(this.#token));
    } catch (error) {
      feed.end(error as Error);
    }
  }

  async #hand(from: string, to: string): Promise<boolean> {
    const session = await this.#commands();
    const [outcome] = (await script.run(session, [this.#namespace.keeper], [from, to, String(LEASE_MS)])) as Reply[];
    this.#held = outcome === 'held' ? to : null;
    return outcome === 'held';
  }
}

/** True while a keeper sees to it that the index holds every key, whoever writes it. */
export async function isIndexComplete(
  session: RedisSession,
  namespace: RedisNamespace,
  lease: string | null,
): Promise<boolean> {
  const holder = decode(lease ?? '');
  if (holder === null || !holder.isIndexComplete) return false;
  try {
    return await isAlive(session, namespace, holder);
  } catch (error) {
    // Not allowed to ask.
    if (error instanceof StoreRefusedError) return false;
    throw error;
  }
}

async function isAlive(session: RedisSession, namespace: RedisNamespace, { token }: Holder): Promise<boolean> {
  const reply = (await session.send(['PUBSUB', 'NUMSUB', namespace.keeperAlive(token)])) as readonly Reply[];
  return Number(reply[1]) > 0;
}

function encode(token: string, isComplete: boolean): string {
  return `${token} ${isComplete ? '1' : '0'}`;
}

function decode(lease: string): Holder | null {
  const [token, isComplete] = lease.split(' ');
  return token ? { token, isIndexComplete: isComplete === '1' } : null;
}
