/** Holds 10,000 settings, and answers with the bytes of heap that this takes. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamicConfig } from '@mutt/dynamic-config';
import { endWithParent, tellParent } from './bench-process.ts';
import { settingKeys } from './many-settings.ts';
import { rawClient } from './raw-client.ts';

const SETTLE_TURNS = 4;
const SETTLE_MS = 75;

endWithParent();
const [, , what = '', url = ''] = process.argv;
tellParent('ready');
await once(process, 'message');

const hold = what === 'map' ? await mapHolder() : () => DynamicConfig.connect(url);
// The first time also compiles what it runs: that is no part of what is held.
const first = await hold();
await first.close();
const before = await heapUsed();
const held = [await hold()];
tellParent((await heapUsed()) - before);
// Held until then.
process.once('exit', () => held.length);

async function mapHolder(): Promise<() => Promise<{ close: () => Promise<void> }>> {
  const raw = await rawClient(url);
  return async () => {
    const keys = settingKeys();
    const values = await raw.mGet(keys.map((key) => `mutt:config:${key}`));
    // Keys as they come out of a connection, rather than put together from parts.
    const map = new Map(keys.map((key, n) => [Buffer.from(key).toString(), values[n] ?? '']));
    return { map, close: async () => map.clear() };
  };
}

/** What a closed connection leaves behind is only let go of after some turns: at once, the figure can be off by megabytes. */
async function heapUsed(): Promise<number> {
  for (let n = 0; n < SETTLE_TURNS; n++) {
    await sleep(SETTLE_MS);
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}
