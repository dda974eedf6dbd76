import { setTimeout as elapse } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { becomesLive, converges, leavesLive, readConstantly } from '../support/invariants.ts';
import { report, rounded } from '../support/report.ts';
import { BOUND_MS, Scenario } from '../support/scenario.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';

/** One that is connected before the others are refused. */
type Admin = (...command: string[]) => Promise<unknown>;

interface Refusal {
  readonly name: string;
  /** Makes Redis refuse the instance behind the proxy. */
  readonly refuse: (admin: Admin, proxy: TcpProxy) => Promise<unknown>;
  readonly heal: (admin: Admin) => Promise<unknown>;
  /** What Redis calls it. */
  readonly says: RegExp;
}

const GRANT = ['ACL', 'SETUSER', 'service', 'on', '>pw', '~*', '&*', '+@all'];

const REFUSALS: readonly Refusal[] = [
  {
    name: 'its user is deleted',
    refuse: (admin) => admin('ACL', 'DELUSER', 'service'),
    heal: (admin) => admin(...GRANT),
    says: /WRONGPASS|invalid username-password|NOAUTH/,
  },
  {
    name: 'its password is changed while it is reconnecting',
    async refuse(admin, proxy) {
      await admin('ACL', 'SETUSER', 'service', 'resetpass', '>another');
      proxy.resetAll();
    },
    heal: (admin) => admin(...GRANT),
    says: /WRONGPASS|invalid username-password/,
  },
  {
    name: 'it may read nothing any more',
    refuse: (admin) => admin('ACL', 'SETUSER', 'service', '-@read'),
    heal: (admin) => admin(...GRANT),
    says: /NOPERM|no permissions/i,
  },
  {
    name: 'no more clients are accepted',
    async refuse(admin, proxy) {
      await admin('CONFIG', 'SET', 'maxclients', '1');
      proxy.resetAll();
    },
    heal: (admin) => admin('CONFIG', 'SET', 'maxclients', '100'),
    // What it says last may be lost with the connection that it closes.
    says: /max number of clients|cannot be reached/,
  },
];

/** So long it is watched whether an instance floods Redis, or its log. */
const WATCHED_MS = 1_500;

describe('row 14: an instance that Redis refuses from now on', () => {
  it.concurrent.each(REFUSALS.map((refusal) => [refusal.name, refusal] as const))(
    'since %s says so, floods nobody, and is current by itself once it may again',
    { timeout: 60_000 },
    async (name, { refuse, heal, says }) => {
      await using scenario = await Scenario.start();
      const { redis } = scenario;
      const client = createClient({ url: redis.url });
      client.on('error', () => {});
      await client.connect();
      scenario.defer(() => client.destroy());
      const admin: Admin = (...command) => client.sendCommand(command);
      await admin(...GRANT);
      const proxy = await scenario.proxy();
      const config = await scenario.connect({ url: proxy.url.replace('//', '//service:pw@') });
      await scenario.isKept();
      await config.set('a', 'before');
      const stopReading = readConstantly(config);
      const { connections } = proxy;
      await refuse(admin, proxy);
      const detectionMs = await leavesLive(config, BOUND_MS.noticed);
      const isSaid = (): boolean => says.test(config.status().lastError?.message ?? '');
      await until('it is said', isSaid, BOUND_MS.healed).catch((error: unknown) => {
        throw new Error(`${String(error)}: ${config.status().lastError?.message}`, { cause: error });
      });
      await elapse(WATCHED_MS);
      const attempts = proxy.connections - connections;
      // Pauses double, from 50 ms to seconds. Twice as many, since what writes has a connection of its own.
      expect(attempts).toBeLessThan(24);
      expect(scenario.logged.length).toBeLessThanOrEqual(5);
      expect(config.get('a')).toBe('before');
      expect(config.status().state).not.toBe('live');
      await admin('SET', 'mutt:config:a', 'meanwhile');
      await heal(admin);
      const healedAtMs = performance.now();
      await becomesLive(config, 20_000);
      const recoveryMs = performance.now() - healedAtMs;
      await converges(redis, [config], BOUND_MS.healed);
      expect(config.get('a')).toBe('meanwhile');
      expect(stopReading().errors).toEqual([]);
      report({
        row: 14,
        scenario: name,
        injected: 'ACL, CONFIG SET',
        invariants: 'H U C',
        figures: {
          detectionMs: rounded(detectionMs),
          recoveryMs: rounded(recoveryMs),
          connects: attempts,
          linesLogged: scenario.logged.length,
        },
      });
    },
  );
});
