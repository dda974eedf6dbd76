/** A process that holds many instances: it tells at which moments they were told of each value, when all of them were. */
import { DynamicConfig } from '@mutt/dynamic-config';
import { endWithParent, tellParent } from '../bench-process.ts';

export interface AllTold {
  readonly id: string;
  /** Nanoseconds on the machine's monotonic clock, one for each instance. */
  readonly atNs: readonly number[];
}

/** Many at once would wait for one another for longer than a connection may take. */
const CONNECT_AT_ONCE = 5;
const SILENT = { info() {}, warn() {}, error() {} };

endWithParent();
const [, , url = '', count = '1', apiKey = ''] = process.argv;
const instances = Number(count);
const told = new Map<string, number[]>();

function tell(id: string): void {
  const moments = told.get(id) ?? [];
  told.set(id, moments);
  moments.push(Number(process.hrtime.bigint()));
  if (moments.length < instances) return;
  told.delete(id);
  tellParent({ id, atNs: moments } satisfies AllTold);
}

async function start(): Promise<void> {
  const key = apiKey === '' ? {} : { apiKey };
  const config = await DynamicConfig.connect(url, { ...key, logger: SILENT, startupTimeoutMs: 120_000 });
  config.registerCallback('bench', (_, value = '') => tell(value));
}

for (let started = 0; started < instances; started += CONNECT_AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(CONNECT_AT_ONCE, instances - started) }, start));
}
// What it has used of the processor: asked for before and after, when there is something to compare.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  tellParent((user + system) / 1_000);
});
tellParent('ready');
