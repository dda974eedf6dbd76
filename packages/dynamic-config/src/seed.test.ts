import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from './dynamic-config.ts';
import { InvalidChangeSetError, InvalidKeyError, InvalidValueError } from './errors.ts';
import { MemoryNamespace } from './memory/memory-namespace.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { seed } from './seed.ts';
import type { SeedPlan } from './seed.ts';
import { envNameOf } from './seed-plan.ts';
import { boolean } from './settings/boolean.ts';
import { integer } from './settings/number.ts';
import { duration } from './settings/quantity.ts';
import { secret, text } from './settings/text.ts';
import { until } from './testing/until.ts';

const settings = {
  cache_reload_interval: integer({ min: 1, default: 300 }),
  debug_mode: boolean({ default: false }),
  flush_every: duration({ default: 30_000 }),
  banner: text(),
  token: secret({ minLength: 8 }),
};

let namespace: MemoryNamespace;
let configs: { close(): Promise<void> }[];

beforeEach(() => {
  namespace = new MemoryNamespace();
  configs = [];
});
afterEach(async () => {
  for (const config of configs) await config.close();
});

/** Sees what is there now, and nothing after that. */
async function connectOnce(): Promise<DynamicConfig> {
  const config = await DynamicConfig.connect(new MemoryStore(namespace), { startWatcher: false });
  configs.push(config);
  return config;
}

const actions = ({ steps }: SeedPlan): Record<string, string> =>
  Object.fromEntries(steps.map(({ key, action }) => [key, action]));
const stored = (): Record<string, string | undefined> =>
  Object.fromEntries([...namespace.keys()].toSorted().map((key) => [key, namespace.entry(key)?.value]));

describe('the variable of a key', () => {
  it.each([
    ['cache_reload_interval', 'CACHE_RELOAD_INTERVAL'],
    ['smtp.host', 'SMTP_HOST'],
    ['Queue-1/max:size', 'QUEUE_1_MAX_SIZE'],
  ])('of %s is %s', (key, name) => {
    expect(envNameOf(key)).toBe(name);
  });
});

describe('seed', () => {
  it("does what the guide's script does", async () => {
    const config = await connectOnce();
    const mapping = { cache_reload_interval: 300, max_ingest_queue_size: 100_000, moog_rate_limit: 100 };
    const plan = await seed(config, { mapping, env: { MOOG_RATE_LIMIT: '250' } });
    expect(plan.revision).toBe(1);
    expect(plan.steps.map(({ key, action, from, variable, text }) => [key, action, from, variable, text])).toEqual([
      ['cache_reload_interval', 'set', 'default', 'CACHE_RELOAD_INTERVAL', '300'],
      ['max_ingest_queue_size', 'set', 'default', 'MAX_INGEST_QUEUE_SIZE', '100000'],
      ['moog_rate_limit', 'set', 'environment', 'MOOG_RATE_LIMIT', '250'],
    ]);
    expect(stored()).toEqual({ cache_reload_interval: '300', max_ingest_queue_size: '100000', moog_rate_limit: '250' });
  });

  it('reads the environment by the settings, and stores their canonical text, in one change set', async () => {
    const config = await connectOnce();
    const env = { CACHE_RELOAD_INTERVAL: ' 0600', DEBUG_MODE: 'True', FLUSH_EVERY: '300s', TOKEN: 'hunter2hunter2' };
    const plan = await seed(config, { settings, env, reason: 'first deployment' });
    expect(actions(plan)).toEqual({
      cache_reload_interval: 'set',
      debug_mode: 'set',
      flush_every: 'set',
      banner: 'missing',
      token: 'set',
    });
    expect(stored()).toEqual({
      cache_reload_interval: '600',
      debug_mode: 'true',
      flush_every: '5m',
      token: 'hunter2hunter2',
    });
    expect(namespace.log.map(({ reason }) => reason)).toEqual(['first deployment']);
  });

  it('changes nothing when it runs again', async () => {
    await seed(await connectOnce(), { settings, env: {} });
    for (const force of [false, true]) {
      const plan = await seed(await connectOnce(), { settings, env: {}, force });
      expect(plan.revision).toBeNull();
      expect(new Set(plan.steps.map(({ action }) => action))).toEqual(new Set(['keep', 'missing']));
    }
    expect(namespace.head.revision).toBe(1);
  });

  it('keeps what has an entry, unless it is forced', async () => {
    namespace.writeRaw('cache_reload_interval', '42');
    const env = { CACHE_RELOAD_INTERVAL: '600' };
    const kept = await seed(await connectOnce(), { settings, env });
    expect(kept.steps[0]).toMatchObject({ action: 'keep', current: '42', text: '600' });
    const forced = await seed(await connectOnce(), { settings, env, force: true });
    expect(forced.steps[0]).toMatchObject({ action: 'overwrite', current: '42', text: '600' });
    expect(stored()).toMatchObject({ cache_reload_interval: '600' });
  });

  it('only plans in a dry run', async () => {
    const plan = await seed(await connectOnce(), { settings, env: { DEBUG_MODE: 'maybe' }, dryRun: true });
    expect(actions(plan)).toMatchObject({ cache_reload_interval: 'set', debug_mode: 'invalid', banner: 'missing' });
    expect(plan.steps[1]?.problem).toBe(
      'DEBUG_MODE cannot be used: The value of debug_mode must be true or false (or 1/0, yes/no, on/off).',
    );
    expect(namespace.head.revision).toBe(0);
  });

  it('writes nothing when anything is refused, and names the variable, the key and the rule', async () => {
    const env = { CACHE_RELOAD_INTERVAL: '0', TOKEN: 'hunter2' };
    const error: unknown = await seed(await connectOnce(), { settings, env }).catch((caught: unknown) => caught);
    expect(error).toEqual(
      new InvalidValueError(
        'CACHE_RELOAD_INTERVAL cannot be used: The value of cache_reload_interval must be at least 1. ' +
          'TOKEN cannot be used: The value of token must have at least 8 characters. Nothing was written.',
      ),
    );
    expect(namespace.head.revision).toBe(0);
  });

  it.each([
    ['what is given', { value: 0 }, 'What is given for limit cannot be used: The value of limit must be at least 1.'],
    ['a default', { default: '0' }, 'The default of limit cannot be used: The value of limit must be at least 1.'],
    [
      'what is no text',
      { default: { deep: 1 } as never },
      'The default of limit cannot be used: Invalid value for limit',
    ],
  ])('names %s that is refused', async (_, source, message) => {
    const settings = { limit: integer({ min: 1 }) };
    await expect(seed(await connectOnce(), { settings, mapping: { limit: source } })).rejects.toThrow(message);
  });

  it('takes what is given before the environment, and an empty variable for none', async () => {
    const mapping = { given: { value: 'a', default: 'c' }, empty: { env: 'OTHER', default: 'c' } };
    await seed(await connectOnce(), { mapping, env: { GIVEN: 'b', OTHER: '' } });
    expect(stored()).toEqual({ given: 'a', empty: 'c' });
  });

  it('never shows a secret in a plan', async () => {
    namespace.writeRaw('token', 'letmein123');
    const env = { TOKEN: 'hunter2hunter2' };
    for (const options of [{ dryRun: true }, { force: true }]) {
      const plan = await seed(await connectOnce(), { settings, env, ...options });
      expect(JSON.stringify(plan)).not.toMatch(/hunter2|letmein/);
      expect(plan.steps.at(-1)).toMatchObject({ key: 'token', text: '••••••', current: '••••••', isSecret: true });
    }
  });

  it('asks whoever else has a say', async () => {
    const check = (key: string, value: string): string | null =>
      value === '300' ? `The alerter refuses ${key}.` : null;
    await expect(seed(await connectOnce(), { settings, env: {}, check })).rejects.toThrow(
      'The default of cache_reload_interval cannot be used: The alerter refuses cache_reload_interval.',
    );
  });

  it('says what is wrong with what it keeps', async () => {
    namespace.writeRaw('cache_reload_interval', 'often');
    const plan = await seed(await connectOnce(), { settings, env: {} });
    expect(plan.steps[0]).toMatchObject({
      action: 'keep',
      problem: 'The value of cache_reload_interval must be a whole number.',
    });
  });

  it('leaves alone what others set while it plans', async () => {
    const late = await connectOnce();
    const early = await connectOnce();
    await early.commit([
      { key: 'cache_reload_interval', value: '42' },
      { key: 'debug_mode', value: 'true' },
    ]);
    const plan = await seed(late, { settings, env: { CACHE_RELOAD_INTERVAL: '600' } });
    expect(plan.steps[0]).toMatchObject({ action: 'keep', current: '42' });
    expect(actions(plan)).toMatchObject({ debug_mode: 'keep', flush_every: 'set' });
    expect(stored()).toEqual({ cache_reload_interval: '42', debug_mode: 'true', flush_every: '30s' });
  });

  it('may run on several machines at once: the values are those of one of them', async () => {
    const machines = await Promise.all(
      ['1', '2', '3', '4', '5'].map(async (n) => ({ n, config: await connectOnce() })),
    );
    const plans = await Promise.all(
      machines.map(({ n, config }) => seed(config, { mapping: { a: 0, b: 0 }, env: { A: n, B: n } })),
    );
    expect(plans.filter(({ revision }) => revision !== null)).toHaveLength(1);
    expect(stored()['a']).toBe(stored()['b']);
  });

  it('seeds what an instance declares, by its rules', async () => {
    const settings = { warn: integer({ default: 50 }), shed: integer({ default: 80 }) };
    const validate = ({ warn, shed }: { warn: number; shed: number }): string[] =>
      warn < shed ? [] : ['warn must be below shed.'];
    const config = await DynamicConfig.connect(new MemoryStore(namespace), { settings, validate });
    configs.push(config);
    await expect(seed(config, { env: { WARN: '90' } })).rejects.toThrow(InvalidChangeSetError);
    await seed(config, { env: { WARN: '70' } });
    expect(stored()).toEqual({ warn: '70', shed: '80' });
    await until('it is served', () => config.get('warn') === 70);
    await expect(seed(config, { mapping: { other: 1 } })).rejects.toThrow(InvalidKeyError);
  });

  it('seeds more keys than one change set holds, a thousand at a time, and says all of what it did', async () => {
    const config = await connectOnce();
    const mapping = Object.fromEntries(Array.from({ length: 2_500 }, (_, n) => [`k${String(n).padStart(4, '0')}`, n]));
    namespace.writeRaw('k2000', 'of somebody else');
    const plan = await seed(config, { mapping, env: {} });
    expect(Object.values(actions(plan)).filter((action) => action === 'set')).toHaveLength(2_499);
    expect([plan.revision, actions(plan)['k2000']]).toEqual([namespace.head.revision, 'keep']);
    expect(stored()).toMatchObject({ k0000: '0', k2000: 'of somebody else', k2499: '2499' });
  });

  it('refuses a mapping of what is no key, and of nothing', async () => {
    const config = await connectOnce();
    await expect(seed(config, { mapping: { 'a b': 1 } })).rejects.toThrow(InvalidKeyError);
    await expect(seed(config, { mapping: { a: null as never } })).rejects.toThrow('The source of a is null');
  });
});

describe('refresh', () => {
  it('loads what is stored now, without a watcher', async () => {
    const config = await connectOnce();
    namespace.writeRaw('a', '1');
    expect(config.get('a', null)).toBeNull();
    await config.refresh();
    expect(config.get('a')).toBe('1');
  });
});
