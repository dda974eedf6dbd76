import { randomUUID } from 'node:crypto';
import { StoreRefusedError } from '../errors.ts';
import type { RedisNamespace } from './namespace.ts';
import { wrongType } from './redis-error.ts';
import { Script } from './script.ts';
import type { RedisSession, Reply } from './session.ts';

const script = new Script('lease');

/** For how long a keeper that is gone without a word, connection and all, may be thought alive. */
const LEASE_MS = 120_000;

/** The lease, as it was found when it was renewed. */
export interface Renewed {
  /** The index is marked as holding every key. */
  readonly isIndexComplete: boolean;
  /** The revision of the namespace. */
  readonly revision: number;
}

/** The lease `P@keeper`, as one process sees it. */
export class Lease {
  readonly #namespace: RedisNamespace;
  readonly #commands: () => Promise<RedisSession>;
  #token = randomUUID();
  #isHeld = false;
  /** The session whose subscription proves us alive. */
  #provenBy: RedisSession | null = null;

  /** @param commands the connection that the lease is written on. */
  constructor(namespace: RedisNamespace, commands: () => Promise<RedisSession>) {
    this.#namespace = namespace;
    this.#commands = commands;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /**
   * Takes the lease if nobody alive holds it. `feed` is then subscribed to the channel that proves us alive, so when that
   * session ends, the lease is given up.
   *
   * @param onAsked called with the channel to answer on by whoever wants to know whether the index is complete by now.
   */
  async take(feed: RedisSession, onAsked: (answers: string) => void): Promise<boolean> {
    const asking = feed.hearsWhileAsking ? feed : await this.#commands();
    const holder = await holderOf(asking, this.#namespace);
    if (holder !== '' && holder !== this.#token && (await isAlive(asking, this.#namespace, holder))) {
      this.#isHeld = false;
      return false;
    }
    await this.fallSilent();
    // Another one for each time: what was written since the last one is not recorded, so nobody may think that its lease
    // goes on.
    this.#token = randomUUID();
    await feed.subscribe(this.#namespace.keeperAlive(this.#token), onAsked);
    this.#provenBy = feed;
    return (await this.#hand(holder, this.#token)) !== null;
  }

  /** Says that the index holds all keys: it was compared with all of them, and the lease was held ever since. */
  async declareIndexComplete(): Promise<boolean> {
    return this.#isHeld && (await this.#hand(this.#token, this.#token, '1')) !== null;
  }

  /** null: it is somebody else's by now. */
  async renew(): Promise<Renewed | null> {
    return this.#isHeld ? this.#hand(this.#token, this.#token) : null;
  }

  async giveUp(): Promise<void> {
    if (this.#isHeld) await this.#hand(this.#token, '');
    await this.fallSilent();
  }

  /** It is no longer ours, whatever Redis says. */
  forget(): void {
    this.#isHeld = false;
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

  /** Nobody may think us alive whose lease is not known to be ours: null, or an error, says that we fell silent. */
  async #hand(from: string, to: string, mark: '1' | '0' = '0'): Promise<Renewed | null> {
    const { keeper, index, head } = this.#namespace;
    try {
      const args = [from, to, String(LEASE_MS), mark];
      const reply = (await script.run(await this.#commands(), [keeper, index, head], args)) as readonly string[];
      const [outcome, isMarked = '', revision] = reply;
      if (outcome === 'wrong_type') throw wrongType(isMarked);
      this.#isHeld = outcome === 'held' && to !== '';
      if (this.#isHeld) return { isIndexComplete: isMarked === '1', revision: Number(revision) };
    } catch (error) {
      await this.fallSilent();
      throw error;
    }
    await this.fallSilent();
    return null;
  }
}

/** The token of who holds the lease; '' for nobody. */
async function holderOf(session: RedisSession, { keeper }: RedisNamespace): Promise<string> {
  return ((await session.ask(['GET', keeper])) as string | null) ?? '';
}

/** True while a listener on the keeper's own channel proves it alive. */
async function isAlive(session: RedisSession, namespace: RedisNamespace, token: string): Promise<boolean> {
  const reply = (await session.send(['PUBSUB', 'NUMSUB', namespace.keeperAlive(token)])) as readonly Reply[];
  return Number(reply[1]) > 0;
}

/** How long a keeper may take to record what it knows of, before we look ourselves. */
const ANSWER_MS = 500;

/**
 * The token that marks the index while it holds every key that was written until now, whoever wrote it; null: it may not,
 * or nobody can say so. The keeper is asked, and says yes when it has recorded all that it was told of before: one that
 * is frozen, or cannot record, does not.
 *
 * @param openAnother a connection for the question alone: where Redis holds writes up, it holds that up, too.
 */
export async function completeIndexToken(
  session: RedisSession,
  namespace: RedisNamespace,
  openAnother: () => Promise<RedisSession>,
): Promise<string | null> {
  const token = session.hearsWhileAsking ? await holderOf(session, namespace) : '';
  if (token === '') return null;
  const answers = namespace.keeperAnswer(randomUUID());
  const asking = await openAnother();
  try {
    let settle: (isComplete: boolean) => void = () => {};
    const isComplete = new Promise<boolean>((resolve) => (settle = resolve));
    await session.subscribe(answers, (answer) => settle(answer === '1'));
    setTimeout(() => settle(false), ANSWER_MS).unref();
    // Nobody listens, or we may not ask.
    const asked = asking.send(['PUBLISH', namespace.keeperAlive(token), answers]);
    asked.then((listeners) => listeners === 0 && settle(false)).catch(() => settle(false));
    const isTrusted = await isComplete;
    await session.unsubscribe(answers);
    return isTrusted ? token : null;
  } catch (error) {
    // We may not listen.
    if (error instanceof StoreRefusedError) return null;
    throw error;
  } finally {
    asking.end();
  }
}
