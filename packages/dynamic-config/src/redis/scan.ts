import type { RedisNamespace } from './namespace.ts';
import type { OnLeftOut } from './read.ts';
import type { RedisSession } from './session.ts';

const SCAN_COUNT = '500';
const HSCAN_COUNT = '500';

/** The keys of all entries, batch by batch, by looking at the whole keyspace; some of them more than once. */
export async function* scanEntries(
  session: RedisSession,
  namespace: RedisNamespace,
  onLeftOut: OnLeftOut = () => {},
): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const reply = await session.send(['SCAN', cursor, 'MATCH', namespace.entryPattern, 'COUNT', SCAN_COUNT]);
    const [next, found] = reply as readonly [string, readonly string[]];
    const keys: string[] = [];
    for (const redisKey of found) {
      const key = namespace.keyOf(redisKey);
      if (key === null) onLeftOut(redisKey, 'its name breaks the rule for keys');
      else keys.push(key);
    }
    if (keys.length > 0) yield keys;
    cursor = next;
  } while (cursor !== '0');
}

/** The field of the index that is no key: whose comparison with all keys it holds. */
export const INDEX_MARK = '';

/** The keys of the index, batch by batch. */
export async function* scanIndex(
  session: RedisSession,
  { index }: RedisNamespace,
): AsyncGenerator<readonly string[], void> {
  for await (const fields of scanHash(session, index)) {
    yield fields.filter((field, n) => n % 2 === 0 && field !== INDEX_MARK);
  }
}

/** Fields and values of a hash, in turn, batch by batch. */
export async function* scanHash(session: RedisSession, key: string): AsyncGenerator<readonly string[], void> {
  let cursor = '0';
  do {
    const reply = await session.send(['HSCAN', key, cursor, 'COUNT', HSCAN_COUNT]);
    const [next, fields] = reply as readonly [string, readonly string[]];
    if (fields.length > 0) yield fields;
    cursor = next;
  } while (cursor !== '0');
}
