/** Starts once, when told to, and answers with how long that took, in milliseconds. */
import { once } from 'node:events';
import { DynamicConfig } from '@mutt/dynamic-config';
// `connect` loads the adapter when it first needs it; loading code is no part of this measure.
import '@mutt/dynamic-config/redis';
import { endWithParent, tellParent } from './bench-process.ts';
import { settingKeys } from './many-settings.ts';
import { rawClient } from './raw-client.ts';

endWithParent();
const [, , what = '', url = ''] = process.argv;
const redisKeys = settingKeys().map((key) => `mutt:config:${key}`);
tellParent('ready');
await once(process, 'message');

const startedAt = performance.now();
if (what === 'mget') await (await rawClient(url)).mGet(redisKeys);
else await DynamicConfig.connect(url);
tellParent(performance.now() - startedAt);
