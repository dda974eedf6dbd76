import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { converges } from '../support/invariants.ts';
import { Scenario } from '../support/scenario.ts';

/** Each way: a link to another region. */
const DELAY_MS = 10;

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.start();
});
afterEach(() => scenario[Symbol.asyncDispose]());

/** Hundreds of commits and raw writes a second, until the returned function is called. */
async function writeSteadily(): Promise<() => Promise<void>> {
  const writer = await scenario.connect();
  const stopping = new AbortController();
  let made = 0;
  const write = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const batch = Array.from({ length: 20 }, () => writer.set(`k${(made += 1) % 50}`, String(made)));
      await Promise.all(batch);
    }
  };
  const writing = write();
  await until('it writes', () => made > 200);
  return async () => {
    stopping.abort();
    await writing;
  };
}

describe('on a slow link, while others commit all the time', () => {
  it('an instance starts, loads anew, and sees raw writes', async () => {
    const stop = await writeSteadily();
    const proxy = await scenario.proxy();
    for (const way of [proxy.toClient, proxy.toServer]) way.delayMs = DELAY_MS;
    const config = await scenario.connect(proxy, { startupTimeoutMs: 5_000, cacheTtl: 1 });
    await config.refresh();
    await scenario.redis.cli('SET', 'mutt:config:raw', '1');
    await until('the raw write is seen', () => config.get('raw', null) === '1', 5_000);
    expect(config.status().state).toBe('live');
    await stop();
    await converges(scenario.redis, [config]);
  });
});
