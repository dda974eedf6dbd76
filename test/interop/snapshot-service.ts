/** A service that writes a snapshot file, with one value of so many characters, and ends; run as a process of its own. */
import { DynamicConfig, MemoryStore } from '@mutt/dynamic-config';

const [snapshotFile = '', length = ''] = process.argv.slice(2);
const logger = { warn: console.log, error: console.log };
const config = await DynamicConfig.connect(new MemoryStore(), { snapshotFile, logger });
await config.set('k', 'x'.repeat(Number(length)));
await config.close();
