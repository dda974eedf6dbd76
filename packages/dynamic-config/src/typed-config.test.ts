import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { DynamicConfig } from './dynamic-config.ts';
import {
  InvalidChangeSetError,
  InvalidKeyError,
  InvalidOptionError,
  InvalidValueError,
  KeyNotFoundError,
} from './errors.ts';
import { MemoryNamespace } from './memory/memory-namespace.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { boolean } from './settings/boolean.ts';
import { json } from './settings/json.ts';
import { list } from './settings/list.ts';
import { integer, number } from './settings/number.ts';
import { oneOf } from './settings/one-of.ts';
import { bytes, duration } from './settings/quantity.ts';
import type { InvalidSetting } from './settings/setting-values.ts';
import type { StandardSchema } from './settings/standard-schema.ts';
import { secret, text } from './settings/text.ts';
import { until } from './testing/until.ts';

/** A validator of somebody else's, for a number of a port. */
const port: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      if (value === undefined) return { value: 25 };
      return Number.isInteger(value) ? { value: value as number } : { issues: [{ message: 'not a port' }] };
    },
  },
};

const settings = {
  cache_reload_interval: integer({ min: 1, default: 300, unit: 's', description: 'How often the cache is reloaded' }),
  moog_rate_limit: integer({ min: 1, max: 10_000, default: 100 }),
  debug_mode: boolean({ default: false }),
  timeout_seconds: number({ default: 30 }),
  shed_mode: oneOf(['dlq', 'defer'], { default: 'dlq' }),
  flush_every: duration({ default: 30_000 }),
  buffer: bytes({ default: 64_000_000 }),
  sources: list(oneOf(['syslog', 'snmp']), { default: ['syslog'] }),
  smtp_port: port,
  banner: text(),
  token: secret({ minLength: 8, default: 'changeme' }),
  extra: json({ default: {} }),
};

let namespace: MemoryNamespace;
let configs: { close(): Promise<void> }[];
let invalid: InvalidSetting[];

beforeEach(() => {
  namespace = new MemoryNamespace();
  configs = [];
  invalid = [];
});
afterEach(async () => {
  for (const config of configs) await config.close();
});

async function connect() {
  const store = new MemoryStore(namespace);
  const config = await DynamicConfig.connect(store, { settings, onInvalid: (one) => invalid.push(one) });
  configs.push(config);
  return config;
}

async function connectPlain() {
  const config = await DynamicConfig.connect(new MemoryStore(namespace));
  configs.push(config);
  return config;
}

it('an instance whose watcher is started later declares its settings then', async () => {
  const store = new MemoryStore(namespace);
  const config = await DynamicConfig.connect(store, { settings, startWatcher: false });
  configs.push(config);
  expect((await config.registrations()).registrations).toEqual([]);
  config.startWatcher();
  await until('they are declared', async () => (await config.registrations()).registrations.length === 1);
});

it('an instance that starts again serves the last good value of what is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mutt-last-good-'));
  const open = () =>
    DynamicConfig.connect(new MemoryStore(namespace), {
      settings,
      snapshotFile: join(folder, 'snapshot'),
      onInvalid() {},
    });
  const before = await open();
  await before.set('moog_rate_limit', 7);
  namespace.writeRaw('moog_rate_limit', 'many');
  await until('it is refused', () => before.status().invalid.length === 1);
  await before.close();
  const after = await open();
  expect([after.get('moog_rate_limit'), after.status().invalid.map(({ key }) => key)]).toEqual([
    7,
    ['moog_rate_limit'],
  ]);
  await after.close();
  await rm(folder, { recursive: true });
});

describe('the types', () => {
  it('are those of the settings', async () => {
    const config = await connect();
    expectTypeOf(config.get('moog_rate_limit')).toEqualTypeOf<number>();
    expectTypeOf(config.get('debug_mode')).toEqualTypeOf<boolean>();
    expectTypeOf(config.get('shed_mode')).toEqualTypeOf<'dlq' | 'defer'>();
    expectTypeOf(config.get('sources')).toEqualTypeOf<readonly ('syslog' | 'snmp')[]>();
    expectTypeOf(config.get('smtp_port')).toEqualTypeOf<number>();
    expectTypeOf(config.get('banner', null)).toEqualTypeOf<string | null>();
    expectTypeOf(config.getAll().flush_every).toEqualTypeOf<number>();
    expectTypeOf(config.snapshot().get('debug_mode')).toEqualTypeOf<boolean>();
    config.registerCallback('moog_rate_limit', (_, value, change) => {
      expectTypeOf(value).toEqualTypeOf<number | undefined>();
      expectTypeOf(change.previousValue).toEqualTypeOf<number | null>();
    });
    // @ts-expect-error -- no such setting
    expect(() => config.get('moog_rate_limt')).toThrow(KeyNotFoundError);
    // @ts-expect-error -- not a number
    await expect(config.set('moog_rate_limit', 'many')).rejects.toThrow(InvalidValueError);
    // @ts-expect-error -- not one of the words
    await expect(config.commit([{ key: 'shed_mode', value: 'drop' }])).rejects.toThrow(InvalidValueError);
    // @ts-expect-error -- no such setting
    await expect(config.set('moog_rate_limt', 5)).rejects.toThrow(InvalidKeyError);
  });

  it('are text where nothing is declared', async () => {
    const config = await connectPlain();
    await config.set('a', 1);
    expectTypeOf(config.get('a')).toEqualTypeOf<string>();
    expectTypeOf<Parameters<typeof config.set>[1]>().toEqualTypeOf<string | number | boolean>();
    expect(config.get('a')).toBe('1');
  });
});

describe('an instance with settings', () => {
  it('serves the defaults, of what has one', async () => {
    const config = await connect();
    expect(config.getAll()).toEqual({
      cache_reload_interval: 300,
      moog_rate_limit: 100,
      debug_mode: false,
      timeout_seconds: 30,
      shed_mode: 'dlq',
      flush_every: 30_000,
      buffer: 64_000_000,
      sources: ['syslog'],
      smtp_port: 25,
      token: 'changeme',
      extra: {},
    });
    expect(() => config.get('banner')).toThrow(KeyNotFoundError);
  });

  it('stores the canonical text, for legacy peers to read', async () => {
    const config = await connect();
    const plain = await connectPlain();
    await config.commit([
      { key: 'debug_mode', value: true },
      { key: 'flush_every', value: 90_000 },
      { key: 'sources', value: ['syslog', 'snmp'] },
      { key: 'smtp_port', value: 587 },
      { key: 'extra', value: { a: [1] } },
    ]);
    await until('all is there', () => plain.get('extra', null) !== null);
    expect(plain.getAll()).toEqual({
      debug_mode: 'true',
      extra: '{"a":[1]}',
      flush_every: '90s',
      smtp_port: '587',
      sources: 'syslog,snmp',
    });
    expect(config.get('flush_every')).toBe(90_000);
    expect(config.get('extra')).toEqual({ a: [1] });
    expect(config.entry('flush_every')?.value).toBe('90s');
  });

  it('refuses what a setting refuses before anything is sent', async () => {
    const config = await connect();
    await expect(config.set('moog_rate_limit', 10_001)).rejects.toThrow(
      'Invalid value for moog_rate_limit: it must be at most 10000.',
    );
    await expect(config.set('moog_rate_limit', Number.NaN)).rejects.toThrow(InvalidValueError);
    await expect(config.set('sources', 'x' as never)).rejects.toThrow(InvalidValueError);
    await expect(config.set('extra', undefined)).rejects.toThrow(InvalidValueError);
    expect(namespace.head.revision).toBe(0);
  });

  it('never names a secret in what it says of it', async () => {
    const config = await connect();
    const error: unknown = await config.set('token', 'hunter2').catch((caught: unknown) => caught);
    expect(String(error)).toContain('must have at least 8 characters');
    expect(String(error)).not.toContain('hunter2');
  });

  it('keeps the last good value when something else is stored, says so, and recovers by itself', async () => {
    const config = await connect();
    const told: unknown[] = [];
    config.registerCallback('moog_rate_limit', (_, value, change) => void told.push([value, change.previousValue]));
    await config.set('moog_rate_limit', 200);
    namespace.writeRaw('moog_rate_limit', 'many');
    await until('it is refused', () => invalid.length === 1);
    expect(config.get('moog_rate_limit')).toBe(200);
    expect(config.entry('moog_rate_limit')?.value).toBe('many');
    expect(config.status()).toMatchObject({
      rejections: 1,
      invalid: [{ key: 'moog_rate_limit', problem: 'The value of moog_rate_limit must be a whole number.' }],
    });
    namespace.writeRaw('moog_rate_limit', '300');
    await until('it is taken', () => config.get('moog_rate_limit') === 300);
    expect(config.status()).toMatchObject({ rejections: 1, invalid: [] });
    await until('both are told', () => told.length === 2);
    expect(told).toEqual([
      [200, 100],
      [300, 200],
    ]);
  });

  it('starts with the default where what is stored is refused', async () => {
    namespace.writeRaw('moog_rate_limit', '0');
    namespace.writeRaw('debug_mode', 'True');
    const config = await connect();
    expect(config.get('moog_rate_limit')).toBe(100);
    expect(config.get('debug_mode')).toBe(true);
    expect(config.status().invalid).toMatchObject([{ key: 'moog_rate_limit' }]);
  });

  it('shows a view of what was served, whatever comes later', async () => {
    const config = await connect();
    using view = config.snapshot();
    await config.set('moog_rate_limit', 200);
    expect(view.get('moog_rate_limit')).toBe(100);
    expect(config.snapshot().get('moog_rate_limit')).toBe(200);
    expect(view.getAll().sources).toEqual(['syslog']);
  });

  it('tells all who ask of typed values: patterns, and streams', async () => {
    const config = await connect();
    const told: unknown[] = [];
    config.registerCallback('*', (key, value) => void told.push([key, value]));
    const changes = config.changes();
    await (
      await connectPlain()
    ).commit([
      { key: 'debug_mode', value: 'on' },
      { key: 'of_another_service', value: 'x' },
    ]);
    expect((await changes.next()).value).toMatchObject({ key: 'debug_mode', value: true, previousValue: false });
    await until('it is told', () => told.length > 0);
    expect(told).toEqual([['debug_mode', true]]);
  });
});

describe('a listener', () => {
  it('that reads while it is told of an alarm sees the step that raised it, and so does everybody after', async () => {
    const store = new MemoryStore(namespace);
    const limits = { limit: integer({ default: 1 }), other: integer({ default: 2 }) };
    const config = await DynamicConfig.connect(store, { settings: limits, logger: { warn() {}, error() {} } });
    configs.push(config);
    await config.commit([
      { key: 'limit', value: 5 },
      { key: 'other', value: 6 },
    ]);
    const seen: unknown[] = [];
    config.onStateChange(() => seen.push(config.getAll(), config.snapshot().get('limit')));
    const entry = { value: '7', revision: 1, changedAtMs: 0, changedBy: 'bob' };
    store.load = async () => ({ head: { epoch: 'new', revision: 1, hash: 'h' }, entries: new Map([['limit', entry]]) });
    await config.refresh();
    expect(config.status().alarm?.keys).toEqual(['other']);
    expect(seen).toEqual([{ limit: 7, other: 6 }, 7]);
    expect([config.getAll(), config.get('limit')]).toEqual([{ limit: 7, other: 6 }, 7]);
  });
});

describe('settings that must go together', () => {
  const thresholds = { warn: integer({ default: 50 }), shed: integer({ default: 80 }) };
  const validate = ({ warn, shed }: { warn: number; shed: number }): string[] =>
    warn < shed ? [] : [`warn (${warn}) must be below shed (${shed}).`];

  it('are set together, or not at all', async () => {
    const config = await DynamicConfig.connect(new MemoryStore(namespace), { settings: thresholds, validate });
    configs.push(config);
    await expect(config.set('warn', 90)).rejects.toThrow(
      new InvalidChangeSetError('warn (90) must be below shed (80).'),
    );
    await config.commit([
      { key: 'warn', value: 90 },
      { key: 'shed', value: 95 },
    ]);
    await expect(config.delete('shed')).rejects.toThrow('warn (90) must be below shed (80).');
    expect(config.getAll()).toEqual({ warn: 90, shed: 95 });
  });

  it('are refused at once when the defaults do not', async () => {
    const settings = { warn: integer({ default: 90 }), shed: integer({ default: 80 }) };
    await expect(DynamicConfig.connect(new MemoryStore(namespace), { settings, validate })).rejects.toThrow(
      new InvalidOptionError('The defaults do not go together: warn (90) must be below shed (80).'),
    );
  });
});

describe('a declaration', () => {
  it.each([
    ['a name that no key has', { 'a b': integer() }, 'The setting "a b" has no name for a key'],
    ['something else', { a: 5 }, 'The setting a is declared by neither a builder'],
    ['nothing', { a: undefined }, 'The setting a is declared by neither a builder'],
  ])('with %s is refused at once', async (_, declared, message) => {
    await expect(DynamicConfig.connect(new MemoryStore(namespace), { settings: declared as never })).rejects.toThrow(
      message,
    );
  });
});
