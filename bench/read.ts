import { DynamicConfig, integer, MemoryStore } from '@mutt/dynamic-config';
import { do_not_optimize, measure } from 'mitata';
import { atMost, median } from './figure.ts';
import type { Bench, Figure } from './figure.ts';

/** `get` of a hot key, text and typed, against a bare `Map.get` of the same key. */
export const readBench: Bench = {
  names: ['read_string', 'read_typed'],
  async run({ quick }) {
    const keys = Array.from({ length: 1_000 }, (_, n) => `key_${n}`);
    const changes = keys.map((key, n) => ({ key, value: String(n) }));

    const plain = await DynamicConfig.connect(new MemoryStore());
    await plain.commit(changes);
    const texts = new Map(changes.map(({ key, value }) => [key, value]));
    const text = await compare(quick, 'read_string', 1.3, {
      ours: () => do_not_optimize(plain.get('key_500')),
      floor: () => do_not_optimize(texts.get('key_500')),
    });
    await plain.close();

    const settings = Object.fromEntries(keys.map((key) => [key, integer({ default: 0 })]));
    const typed = await DynamicConfig.connect(new MemoryStore(), { settings });
    await typed.commit(keys.map((key, value) => ({ key, value })));
    const numbers = new Map(keys.map((key, n) => [key, n]));
    const number = await compare(quick, 'read_typed', 1.5, {
      ours: () => do_not_optimize(typed.get('key_500')),
      floor: () => do_not_optimize(numbers.get('key_500')),
    });
    await typed.close();
    return [text, number];
  },
};

async function compare(
  quick: boolean,
  name: string,
  bound: number,
  reads: { readonly ours: () => void; readonly floor: () => void },
): Promise<Figure> {
  const floors: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < (quick ? 2 : 6); round++) {
    floors.push((await measure(reads.floor)).p50);
    ours.push((await measure(reads.ours)).p50);
  }
  return atMost(bound, { name, unit: 'ns', ours: median(ours), floor: median(floors) });
}
