import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../../../../test/support/redis-server.ts';
import type { RedisServer } from '../../../../test/support/redis-server.ts';
import type { StoreEvent } from '../store.ts';
import { until } from '../testing/until.ts';
import { urlEndpoint } from './endpoint.ts';
import type { Examined } from './examined.ts';
import type { Finding } from './finding.ts';
import { RedisNamespace } from './namespace.ts';
import { RedisSession } from './session.ts';
import type { SessionOptions } from './session.ts';
import { RedisStore } from './redis-store.ts';
import { checkSetToSeen } from './set-to-seen-check.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const namespace = new RedisNamespace('mutt:config');

interface Circumstances {
  readonly user?: string;
  /** What others ask to be told of, instead of what the check wants. */
  readonly tracked?: string;
  readonly longestMs?: number;
}

async function check({ user = '', tracked, longestMs }: Circumstances = {}): Promise<Finding> {
  const options: SessionOptions = {
    endpoint: urlEndpoint(redis.url.replace('redis://', `redis://${user}`)),
    timeoutMs: 5_000,
    protocol: { version: 3 },
  };
  const openAnother: Examined['openAnother'] = (push) =>
    RedisSession.open({ ...options, ...(push && { push: { ...push, trackedPrefix: tracked ?? push.trackedPrefix } }) });
  const session = await openAnother();
  try {
    const finding = await checkSetToSeen({ session, namespace, openAnother }, longestMs);
    // All else is still to be asked.
    expect(await session.send(['PING'])).toBe('PONG');
    return finding;
  } finally {
    session.end();
  }
}

describe('the time from a write until it is seen', () => {
  it('is measured, and nobody is told of anything, and nothing is left', async () => {
    const store = RedisStore.open(redis.url);
    const heard: StoreEvent[] = [];
    const stop = store.watch((event) => heard.push(event));
    await until('an instance listens', () => heard.some(({ type }) => type === 'connected'));
    await redis.cli('SET', 'mutt:config:a', '1');
    await until('it heard of the write and of its record', () => heard.some(({ type }) => type === 'committed'));
    const keys = async (): Promise<string[]> => (await redis.cli('KEYS', '*')).split('\n').toSorted();
    const [keysBefore, heardBefore] = [await keys(), heard.length];

    const { severity, what } = await check();

    expect(severity).toBe('ok');
    expect(what).toMatch(/^A write is seen on another connection after \d+(\.\d+)? ms, /);
    expect(await keys()).toEqual(keysBefore);
    await redis.cli('SET', 'mutt:config:b', '1');
    await until('an instance hears the next write', () => heard.length > heardBefore);
    expect(heard[heardBefore]).toEqual({ type: 'invalidated', keys: ['b'], explained: false });
    await stop();
    await store.close();
  });

  it.each(['-set', '-client|tracking'])(
    'is not measured by a user without rights (%s), and that is said',
    async (right) => {
      await redis.cli('ACL', 'SETUSER', 'poor', 'reset', 'on', '>pw', '~*', '&*', '+@all', right);
      const finding = await check({ user: 'poor:pw@' });
      expect(finding).toMatchObject({ severity: 'unknown', fix: null });
      expect(finding.what).toMatch(/^How soon a write is seen was not measured: .*NOPERM/);
    },
  );

  it('is a problem where the announcement of a write does not arrive', async () => {
    const finding = await check({ tracked: 'elsewhere', longestMs: 50 });
    expect(finding).toMatchObject({ severity: 'problem', what: expect.stringContaining('not seen') as string });
  });
});
