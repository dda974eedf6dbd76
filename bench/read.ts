import { DynamicConfig, MemoryStore } from '@mutt/dynamic-config';
import { do_not_optimize, measure } from 'mitata';
import { atMost, median } from './figure.ts';
import type { Bench } from './figure.ts';

/** `get` of a hot key against a bare `Map.get` of the same key. */
export const readBench: Bench = {
  names: ['read_string'],
  async run({ quick }) {
    const config = await DynamicConfig.connect(new MemoryStore());
    const map = new Map<string, string>();
    for (let n = 0; n < 1_000; n++) map.set(`key_${n}`, String(n));
    await config.commit([...map].map(([key, value]) => ({ key, value })));
    const floors: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < (quick ? 2 : 6); round++) {
      floors.push((await measure(() => do_not_optimize(map.get('key_500')))).p50);
      ours.push((await measure(() => do_not_optimize(config.get('key_500')))).p50);
    }
    await config.close();
    return [atMost(1.3, { name: 'read_string', unit: 'ns', ours: median(ours), floor: median(floors) })];
  },
};
