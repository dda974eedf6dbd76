/** An instance in a process of its own, so that it can be frozen and killed: prints its history, and how it is. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DynamicConfig } from '@mutt/dynamic-config';
import type { HistoryEvent } from './history.ts';
import { recordInstance } from './record-instance.ts';

/** Besides its history, now and then. */
export interface Sign {
  readonly is: 'alive';
  readonly state: string;
  readonly values: Readonly<Record<string, string>>;
  readonly rssBytes: number;
  /** What is held once all that is not is let go of; in every twentieth sign. */
  readonly heldBytes: number | null;
}

/** Five seconds. */
const SIGNS_A_COLLECTION = 20;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const [url = '', instance = '', cacheTtl = ''] = process.argv.slice(2);
const logger = { warn: () => {}, error: () => {} };
const config = await DynamicConfig.connect(url, { cacheTtl: Number(cacheTtl), startupTimeoutMs: 60_000, logger });
const say = (line: HistoryEvent | Sign): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
recordInstance(config, instance, say);
let signs = 0;
setInterval(() => {
  const isCollecting = signs++ % SIGNS_A_COLLECTION === 0;
  if (isCollecting) collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  say({
    is: 'alive',
    state: config.status().state,
    values: { ...config.getAll() },
    rssBytes: rss,
    heldBytes: isCollecting ? heapUsed + external : null,
  });
}, 250);
