/** A service that prints each change it is told of, as JSON lines; run as a process of its own by the tests. */
import { DynamicConfig } from '@mutt/dynamic-config';

const [url = '', ...keys] = process.argv.slice(2);
const config = await DynamicConfig.connect(url);
const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
for (const key of keys) {
  config.registerCallback(key, (_, value, change) =>
    print({ key, value: value ?? null, source: change.source, at: Date.now() }),
  );
}
process.once('SIGTERM', () => void config.close().then(() => print({ closed: true })));
print({ ready: config.getAll() });
