import { writeSection } from '../write-section.ts';
import { measureScale } from './measure-scale.ts';
import type { Scale } from './measure-scale.ts';
import { scalePage } from './scale-page.ts';

interface Options {
  readonly quick: boolean;
  readonly json: boolean;
  /** Into docs/scale.md. */
  readonly write: boolean;
}

/** Fleets of two sizes, on Redis and over a server; what they cost, and what larger ones would. */
export async function runScale({ quick, json, write }: Options): Promise<void> {
  const sizes = quick ? [100, 500] : [1_000, 5_000];
  const rounds = quick ? 3 : 10;
  const scales: Scale[] = [];
  for (const way of ['redis', 'servers'] as const) {
    for (const instances of sizes) {
      console.error(`${instances} instances ${way === 'redis' ? 'on Redis' : 'over a server'} …`);
      const servers = way === 'servers' ? 1 : 0;
      scales.push(await measureScale({ way, instances, servers, rounds }));
    }
  }
  const page = scalePage(scales, quick);
  console.log(json ? JSON.stringify(scales) : page);
  if (write) await writeSection('docs/scale.md', 'scale', page);
}
