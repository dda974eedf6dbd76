/** An instance in a process of its own, so that it can be frozen and killed: prints its history, and how it is. */
import { DynamicConfig } from '@mutt/dynamic-config';
import type { HistoryEvent } from './history.ts';
import { recordInstance } from './record-instance.ts';

/** Besides its history, now and then. */
export interface Sign {
  readonly is: 'alive';
  readonly state: string;
  readonly values: Readonly<Record<string, string>>;
  readonly rssBytes: number;
}

const [url = '', instance = '', cacheTtl = ''] = process.argv.slice(2);
const logger = { warn: () => {}, error: () => {} };
const config = await DynamicConfig.connect(url, { cacheTtl: Number(cacheTtl), startupTimeoutMs: 60_000, logger });
const say = (line: HistoryEvent | Sign): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
recordInstance(config, instance, say);
setInterval(
  () =>
    say({
      is: 'alive',
      state: config.status().state,
      values: { ...config.getAll() },
      rssBytes: process.memoryUsage().rss,
    }),
  250,
);
