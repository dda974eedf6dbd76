import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { startChild } from '../support/child.ts';
import { freeze, freezeFor } from '../support/freeze.ts';
import { becomesLive, converges, Invariants, leavesLive, readConstantly } from '../support/invariants.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { report, rounded } from '../support/report.ts';
import { BOUND_MS, CACHE_TTL_MS, Scenario } from '../support/scenario.ts';

const SECONDS = process.env['FAULTS'] === 'full' ? [1, 3, 10, 30] : [1, 3];
/** What the driver waits for a reply. */
const TIMEOUT_MS = 2_000;
const MIB = 1024 * 1024;

describe('row 4: Redis frozen', () => {
  it.concurrent.each(SECONDS)(
    'for %i s: reads go on, it is noticed, and it heals by itself',
    { timeout: 60_000 },
    async (seconds) => {
      await using scenario = await Scenario.start();
      const invariants = new Invariants({ pairs: [['left', 'right']] });
      const [config, raw] = [await scenario.connect(), await scenario.connect()];
      invariants.observe(config);
      await raw.commit(['left', 'right'].map((key) => ({ key, value: '1' })));
      await config.set('meanwhile', 'before');
      await converges(scenario.redis, [config]);
      const stopReading = readConstantly(config, () => invariants.look(config));
      const frozen = freezeFor(scenario.redis.process, seconds * 1000);
      const written = config.set('meanwhile', 'frozen', { requestId: 'frozen' }).catch((error: unknown) => error);
      const noticedMs = await leavesLive(config, BOUND_MS.noticed);
      await frozen;
      const readings = stopReading();
      const healedMs = await converges(scenario.redis, [config], BOUND_MS.healed);
      const liveMs = await becomesLive(config);
      // An answer in time, or it is unknown; then the same request applies it once.
      const outcome = await written;
      if (seconds * 1000 > TIMEOUT_MS) expect(outcome).toBeInstanceOf(OutcomeUnknownError);
      await config.set('meanwhile', 'frozen', { requestId: 'frozen' });
      const requests: (string | null)[] = [];
      for await (const { requestId } of config.history({ afterRevision: 2 })) requests.push(requestId);
      expect(requests).toEqual(['frozen']);
      expect(config.get('meanwhile')).toBe('frozen');
      expect(readings.errors).toEqual([]);
      expect(readings.reads).toBeGreaterThan(100);
      expect(invariants.violations).toEqual([]);
      report({
        row: 4,
        scenario: `Redis frozen ${seconds} s`,
        injected: 'SIGSTOP',
        invariants: 'U H C T A',
        figures: {
          detectionMs: rounded(noticedMs),
          recoveryMs: rounded(healedMs + liveMs),
          slowestReadMs: rounded(readings.slowestMs),
        },
      });
    },
  );
});

describe('row 5: an instance frozen while more than 32 MB queue up for it', () => {
  it('costs Redis no more than that, and is current when it goes on', { timeout: 60_000 }, async () => {
    await using scenario = await Scenario.start();
    const { redis } = scenario;
    const args = [redis.url, 'big', String(CACHE_TTL_MS / 1000)];
    const child = await startChild(new URL('frozen-service.ts', import.meta.url), args);
    scenario.defer(() => child.end('SIGKILL'));
    const last = (): { digest?: string; state?: string } => child.json<object>().at(-1) ?? {};
    await until('the instance is live', () => last().state === 'live');
    // It hears all that the instance hears, and would be cut as well if it were too slow.
    const writer = await scenario.connect(redis, { startWatcher: false });
    const thaw = freeze(child.process);
    scenario.defer(thaw);
    let value = '';
    let mostBytes = 0;
    for (let n = 0; n < 64; n++) {
      value = String(n % 10).repeat(MIB);
      await writer.set('big', value);
      mostBytes = Math.max(mostBytes, await clientBytes(redis));
    }
    thaw();
    const thawedAtMs = performance.now();
    const digest = createHash('sha1').update(value).digest('hex');
    await until(
      'the instance serves the last value, and says so',
      () => last().digest === digest && last().state === 'live',
      BOUND_MS.healed + 10_000,
    );
    const reloadMs = performance.now() - thawedAtMs;
    // The limit of Redis for subscribers is 32 MB; one reply, and what the others are being sent, come on top.
    expect(mostBytes).toBeGreaterThan(16 * MIB);
    expect(mostBytes).toBeLessThan(48 * MIB);
    report({
      row: 5,
      scenario: 'an instance frozen while 64 MB queue up',
      injected: 'SIGSTOP',
      invariants: 'C',
      figures: { reloadMs: rounded(reloadMs), mostClientMemoryMB: rounded(mostBytes / MIB) },
    });
  });
});

/** What Redis holds for its clients, their unread replies and pushes above all. */
async function clientBytes(redis: RedisServer): Promise<number> {
  return Number(/mem_clients_normal:(\d+)/.exec(await redis.cli('INFO', 'memory'))?.[1]);
}
