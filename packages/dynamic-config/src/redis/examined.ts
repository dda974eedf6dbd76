import { ConfigError } from '../errors.ts';
import type { RedisNamespace } from './namespace.ts';
import type { RedisSession, Reply, SessionOptions } from './session.ts';

/** What each check is given. */
export interface Examined {
  readonly session: RedisSession;
  readonly namespace: RedisNamespace;
  /** `INFO`, field by field. */
  readonly info: ReadonlyMap<string, string>;
  /** Milliseconds since 1970 by the clock of this machine. */
  readonly now: () => number;
  /** Another connection, for what must not end the first one, or hears what that one does. */
  readonly openAnother: (push?: SessionOptions['push']) => Promise<RedisSession>;
}

export async function readInfo(session: RedisSession): Promise<ReadonlyMap<string, string>> {
  const text = String((await ask(session, ['INFO'])) ?? '');
  const pairs = text.split('\r\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
  });
  return new Map(pairs);
}

/** A setting of Redis; null where it may not be asked for. */
export async function configOf(session: RedisSession, name: string): Promise<string | null> {
  const reply = await ask(session, ['CONFIG', 'GET', name]);
  return Array.isArray(reply) && reply.length > 1 ? String(reply[1]) : null;
}

/** The reply of a command; null where it is refused, for want of rights or of a newer version. */
export async function ask(session: RedisSession, command: readonly string[]): Promise<Reply> {
  try {
    return await session.send(command);
  } catch (error) {
    if (error instanceof ConfigError && session.isOpen) return null;
    throw error;
  }
}

/** The fields of a map, which comes as a list of names and values in turn. */
export function fieldsOf(reply: Reply): Readonly<Record<string, Reply | undefined>> {
  const list = reply as readonly Reply[];
  return Object.fromEntries(list.flatMap((name, n) => (n % 2 === 0 ? [[String(name), list[n + 1]]] : [])));
}

/** The middle of some samples. */
export function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? NaN;
}
