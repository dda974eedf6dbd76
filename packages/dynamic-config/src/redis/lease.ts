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
  #token = randomUUID();
  /** What the lease says while it is ours. */
  #held: string | null = null;

  constructor(namespace: RedisNamespace) {
    this.#namespace = namespace;
  }

  get isHeld(): boolean {
    return this.#held !== null;
  }

  /**
   * Takes the lease if nobody alive holds it. The session is then subscribed to the channel that proves us alive, so a
   * session that ends gives the lease up.
   */
  async take(session: RedisSession): Promise<boolean> {
    const { keeper } = this.#namespace;
    this.#held = null;
    const current = ((await session.send(['GET', keeper])) as string | null) ?? '';
    const holder = decode(current);
    if (holder !== null && holder.token !== this.#token && (await isAlive(session, this.#namespace, holder)))
      return false;
    // Another one for each connection: what was written since the last one ended is not recorded, so nobody may think
    // that its lease goes on.
    this.#token = randomUUID();
    await session.subscribe(this.#namespace.keeperAlive(this.#token));
    return this.#hand(session, current, encode(this.#token, false));
  }

  /** Says that the index holds all keys: it was compared with all of them, and the lease was held ever since. */
  async declareIndexComplete(session: RedisSession): Promise<boolean> {
    return this.#held !== null && this.#hand(session, this.#held, encode(this.#token, true));
  }

  async renew(session: RedisSession): Promise<boolean> {
    if ((await session.send(['PEXPIRE', this.#namespace.keeper, String(LEASE_MS)])) === 1) return true;
    this.#held = null;
    return false;
  }

  async giveUp(session: RedisSession): Promise<void> {
    if (this.#held !== null) await this.#hand(session, this.#held, '');
    this.#held = null;
  }

  /** It is no longer ours, whatever Redis says. */
  forget(): void {
    this.#held = null;
  }

  async #hand(session: RedisSession, from: string, to: string): Promise<boolean> {
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
