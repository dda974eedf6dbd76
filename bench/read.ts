import { DynamicConfig, MemoryStore } from '@mutt/dynamic-config';
import { do_not_optimize, measure } from 'mitata';
import type { Measurement } from './report.ts';

/** `get` of a hot key against a bare `Map.get` of the same key. */
export async function benchRead(): Promise<Measurement[]> {
  const config = await DynamicConfig.connect(new MemoryStore());
  const map = new Map<string, string>();
  for (let n = 0; n < 1_000; n++) map.set(`key_${n}`, String(n));
  await config.commit([...map].map(([key, value]) => ({ key, value })));
  // Rounds alternate, so that a slower moment of the machine meets both.
  const floors: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < 5; round++) {
    floors.push((await measure(() => do_not_optimize(map.get('key_500')))).p50);
    ours.push((await measure(() => do_not_optimize(config.get('key_500')))).p50);
  }
  await config.close();
  return [{ name: 'read_string', unit: 'ns', floor: median(floors), ours: median(ours), goal: 1.5 }];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
