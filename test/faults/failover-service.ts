/** A service on Sentinel or Cluster that prints where it stands whenever it is sent a line; a process of its own in the tests. */
import { createInterface } from 'node:readline';
import { DynamicConfig } from '@mutt/dynamic-config';
import { FAILOVER_TTL_MS, openRoute, PREFIX } from './failover-load.ts';
import type { Route } from './failover-load.ts';

const config = await DynamicConfig.connect(await openRoute(JSON.parse(process.argv[2] ?? '') as Route), {
  prefix: PREFIX,
  cacheTtl: FAILOVER_TTL_MS / 1_000,
  logger: { warn() {}, error() {} },
});
const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
createInterface({ input: process.stdin }).on('line', () =>
  print({ head: config.head, state: config.status().state, values: config.getAll() }),
);
print({ ready: true });
