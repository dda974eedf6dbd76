import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LoggedCommit } from '@mutt/dynamic-config';
import { RedisNamespace } from '../../packages/dynamic-config/src/redis/namespace.ts';
import { urlEndpoint } from '../../packages/dynamic-config/src/redis/endpoint.ts';
import { RedisSession } from '../../packages/dynamic-config/src/redis/session.ts';
import { trimLog } from '../../packages/dynamic-config/src/redis/trim-log.ts';
import { auditViolations, openAudited } from '../../packages/server/test/audited.ts';
import { DATABASES } from '../../packages/server/test/databases.ts';
import type { TestDatabase } from '../../packages/server/test/databases.ts';
import { report } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';

/** Everything is too old, and there is far too much of it. */
const NOTHING_NEEDED = { commits: 5, ms: -2_000 };

let test: TestDatabase;
beforeAll(async () => {
  test = await (DATABASES[0] as (typeof DATABASES)[number]).start();
});
afterAll(() => test.stop());

it('row 22: a log that is trimmed while the trail cannot be written keeps what that has yet to get', async () => {
  await using scenario = await Scenario.start();
  const config = await scenario.connect();
  const audited = openAudited(scenario.redis.url, test.database);
  scenario.defer(() => audited.close());
  const session = await RedisSession.open({
    endpoint: urlEndpoint(scenario.redis.url),
    timeoutMs: 2_000,
    protocol: { version: 3 },
  });
  scenario.defer(() => session.end());
  const commits: LoggedCommit[] = [];
  const commit = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) commits.push(await config.set(`key_${n % 3}`, commits.length));
  };
  const length = async (): Promise<number> => Number(await scenario.redis.cli('XLEN', 'mutt:config@log'));
  await commit(30);
  await audited.feed.catchUp();
  // Where the trail stands is told at the beginning of the next turn.
  await audited.feed.catchUp();
  const append = audited.trail.append.bind(audited.trail);
  audited.trail.append = () => Promise.reject(new Error('No space left on device'));
  await commit(40);
  await expect(audited.feed.catchUp()).rejects.toThrow('No space left');
  await trimLog(session, new RedisNamespace('mutt:config'), NOTHING_NEEDED);
  expect(await length()).toBe(40);
  audited.trail.append = append;
  await audited.feed.catchUp();
  expect(await auditViolations(test.database, commits)).toEqual([]);
  expect(audited.feed.status.gaps).toBe(0);
  report({
    row: 22,
    scenario: 'the log trimmed to 5 while 40 change sets wait for a trail that cannot be written',
    injected: 'trimming, a trail that refuses',
    invariants: 'A',
    figures: { gaps: 0 },
  });
});
