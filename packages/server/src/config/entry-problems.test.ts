import { DynamicConfig, integer, describeSetting, MemoryStore, SettingsRegistry } from '@mutt/dynamic-config';
import type { Registrations } from '@mutt/dynamic-config';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EntryProblems } from './entry-problems.ts';

let store: MemoryStore;
let config: DynamicConfig;
beforeEach(async () => {
  store = new MemoryStore();
  config = await DynamicConfig.connect(store);
  await config.commit([
    { key: 'rate', value: '0' },
    { key: 'size', value: '7' },
  ]);
});
afterEach(async () => {
  await config.close();
  await store.close();
});

function registryWith(min: number): SettingsRegistry {
  const setting = describeSetting(integer({ min }));
  const registration = { service: 's', version: '1', settings: { rate: setting, size: setting } };
  const registrations: Registrations = {
    nowMs: 0,
    registrations: [{ ...registration, registeredAtMs: 0, seenAtMs: 0 }],
  };
  return new SettingsRegistry(registrations);
}

it('tells what is wrong, and looks again only at values that changed', async () => {
  const registry = registryWith(1);
  const look = vi.spyOn(registry, 'problemWith');
  const problems = new EntryProblems();
  expect([...problems.of(config.snapshot(), registry).keys()]).toEqual(['rate']);
  await config.set('size', '8');
  expect([...problems.of(config.snapshot(), registry).keys()]).toEqual(['rate']);
  expect(look.mock.calls).toEqual([
    ['rate', '0'],
    ['size', '7'],
    ['size', '8'],
  ]);
});

it('forgets what was deleted, and looks at all again when other settings are declared', async () => {
  const problems = new EntryProblems();
  problems.of(config.snapshot(), registryWith(1));
  expect([...problems.of(config.snapshot(), registryWith(10)).keys()]).toEqual(['rate', 'size']);
  await config.delete('rate');
  expect([...problems.of(config.snapshot(), registryWith(10)).keys()]).toEqual(['size']);
});
