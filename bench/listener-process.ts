/** A process that is told: of each value, by the last of its instances; and the same of raw messages, by its subscribers. */
import { DynamicConfig } from '@mutt/dynamic-config';
import { endWithParent, tellParent } from './bench-process.ts';
import { rawClient } from './raw-client.ts';

/** The moment, on the machine's monotonic clock, at which the last one here had it. */
export interface Told {
  readonly id: string;
  readonly atNs: string;
}

const CONNECT_AT_ONCE = 25;

endWithParent();
const [, , url = '', count = '1'] = process.argv;
const instances = Number(count);
const tally = new Map<string, number>();

function tell(id: string): void {
  const told = (tally.get(id) ?? 0) + 1;
  tally.set(id, told);
  if (told < instances) return;
  tellParent({ id, atNs: String(process.hrtime.bigint()) } satisfies Told);
  tally.delete(id);
}

async function listen(): Promise<void> {
  const raw = await rawClient(url);
  await raw.subscribe('bench-raw', tell);
  const config = await DynamicConfig.connect(url);
  config.registerCallback('bench', (_, value) => tell(value ?? ''));
}

for (let started = 0; started < instances; started += CONNECT_AT_ONCE) {
  const batch = Math.min(CONNECT_AT_ONCE, instances - started);
  await Promise.all(Array.from({ length: batch }, listen));
}
tellParent('ready');
