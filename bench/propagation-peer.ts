/** The process that is told: answers with the moment, on the machine's monotonic clock, at which each value arrived. */
import { DynamicConfig } from '@mutt/dynamic-config';
import { createClient } from '@redis/client';

const url = process.argv[2] ?? '';
const config = await DynamicConfig.connect(url);
const tell = (id: string): void => void process.send?.({ id, at: String(process.hrtime.bigint()) });
config.registerCallback('bench', (_, value) => tell(value ?? ''));
const raw = createClient({ url });
raw.on('error', () => {});
await raw.connect();
await raw.subscribe('bench-raw', (message) => tell(message));
process.send?.({ ready: true });
process.once('disconnect', () => process.exit(0));
