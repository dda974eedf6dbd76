/** An instance in a process of its own, so that it can be frozen: prints what it serves for a key, and its state. */
import { createHash } from 'node:crypto';
import { DynamicConfig } from '@mutt/dynamic-config';

const [url = '', key = '', cacheTtl = ''] = process.argv.slice(2);
const config = await DynamicConfig.connect(url, { cacheTtl: Number(cacheTtl) });
const print = (): void => {
  const digest = createHash('sha1').update(config.get(key, '')).digest('hex');
  const { state, revision } = config.status();
  process.stdout.write(`${JSON.stringify({ digest, state, revision })}\n`);
};
config.subscribe(print);
config.onStateChange(print);
print();
// Like a service: the library's own timers keep no process alive.
setInterval(() => {}, 60_000);
