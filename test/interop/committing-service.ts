/** A service that commits as soon as it can, and ends; run as a process of its own by the tests. */
import { DynamicConfig } from '@mutt/dynamic-config';

const config = await DynamicConfig.connect(process.argv[2] ?? '');
await Promise.all(['a', 'b', 'c'].map((key) => config.set(key, '1')));
await config.close();
