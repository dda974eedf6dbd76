import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from './dynamic-config.ts';
import { MemoryNamespace } from './memory/memory-namespace.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { number } from './settings/number.ts';
import { until } from './testing/until.ts';

/** What a caller's `async` function looks like to the library. */
const rejects = (() => Promise.reject(new Error('out of reach'))) as () => void;

let namespace: MemoryNamespace;
let logged: string[];
let open: DynamicConfig[];

beforeEach(() => {
  namespace = new MemoryNamespace();
  logged = [];
  open = [];
});
afterEach(async () => {
  for (const config of open) await config.close();
});

async function connect(options: object = {}): Promise<DynamicConfig> {
  const logger = { warn: () => {}, error: (message: string) => void logged.push(message) };
  const config = await DynamicConfig.connect(new MemoryStore(namespace), { logger, ...options });
  open.push(config);
  return config;
}

describe('a listener that rejects is logged, and disturbs nobody:', () => {
  it('of states', async () => {
    const config = await connect();
    const states: string[] = [];
    config.onStateChange(rejects);
    config.onStateChange((state) => void states.push(state));
    await config.stopWatcher();
    await until('it is logged', () => logged.length > 0);
    expect([states, logged]).toEqual([['stale'], [expect.stringMatching(/^A listener of state .*out of reach/)]]);
  });

  it('of every step', async () => {
    const config = await connect();
    config.subscribe(rejects);
    await config.set('a', '1');
    await until('it is logged', () => logged.length > 0);
    expect(logged).toEqual([expect.stringMatching(/^A subscriber failed: .*out of reach/)]);
  });

  it('of what callbacks throw', async () => {
    const config = await connect({ onError: rejects });
    config.registerCallback('a', () => {
      throw new Error('a callback');
    });
    await config.set('a', '1');
    await until('it is logged', () => logged.length > 0);
    expect(logged).toEqual([expect.stringMatching(/^onError failed: .*out of reach/)]);
  });

  it('of stored values that are refused', async () => {
    await connect({ settings: { rate: number({ default: 1 }) }, onInvalid: rejects });
    namespace.writeRaw('rate', 'fast');
    await until('it is logged', () => logged.length > 0);
    expect(logged).toEqual([expect.stringMatching(/^onInvalid failed: .*out of reach/)]);
  });
});
