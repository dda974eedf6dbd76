import { describe, expect, it } from 'vitest';
import { StoreRefusedError } from './errors.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { Registrar, registrationOf } from './registrar.ts';
import { integer } from './settings/number.ts';

const MINUTE_MS = 60_000;

/** A registrar whose time passes when a test says so. */
function open(store: MemoryStore) {
  const due: { delayMs: number; task: () => void }[] = [];
  const warnings: string[] = [];
  const registrar = new Registrar({
    store,
    registration: registrationOf(new Map([['limit', integer({ max: 10 })]]), { name: 'forwarder', version: '1.0' }),
    clock: {
      now: () => 0,
      after(delayMs, task) {
        const planned = { delayMs, task };
        due.push(planned);
        return () => void due.splice(due.indexOf(planned), 1);
      },
    },
    random: () => 0.5,
    logger: { warn: (message) => warnings.push(message), error: () => {} },
  });
  const settled = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
  return {
    registrar,
    due,
    warnings,
    settled,
    next: async (): Promise<void> => {
      due.shift()?.task();
      await settled();
    },
  };
}

describe('an instance that declares settings', () => {
  it('says so for as long as it runs', async () => {
    const store = new MemoryStore();
    const { registrar, due, next, settled } = open(store);
    let times = 0;
    const register = store.register.bind(store);
    store.register = async (registration) => {
      times += 1;
      return register(registration);
    };
    registrar.start();
    await settled();
    expect((await store.registrations()).registrations).toMatchObject([{ service: 'forwarder', version: '1.0' }]);
    expect(due.map(({ delayMs }) => delayMs)).toEqual([5 * MINUTE_MS]);
    await next();
    expect([times, due.length]).toEqual([2, 1]);
    await registrar.stop();
    expect(due).toEqual([]);
  });

  it('warns once where it may not, and tries again all the same', async () => {
    const store = new MemoryStore();
    const { registrar, due, warnings, next, settled } = open(store);
    store.register = () => Promise.reject(new StoreRefusedError('NOPERM'));
    registrar.start();
    await settled();
    for (let n = 0; n < 5; n++) await next();
    expect(warnings).toEqual(['Others cannot see the settings that are declared here: NOPERM']);
    expect(due.map(({ delayMs }) => delayMs)).toEqual([MINUTE_MS / 2]);
    await registrar.stop();
  });
});
