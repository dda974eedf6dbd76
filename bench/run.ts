/** npm run bench [-- --quick] [-- --json]: figures as ratios against a floor measured in the same run. */
import { startRedis } from '../test/support/redis-server.ts';
import { benchPropagation } from './propagation.ts';
import { benchRead } from './read.ts';
import { printJson, printTable } from './report.ts';

const quick = process.argv.includes('--quick');
const redis = await startRedis();
try {
  const measurements = [...(await benchRead()), ...(await benchPropagation(redis.url, quick ? 500 : 5_000))];
  (process.argv.includes('--json') ? printJson : printTable)(measurements);
} finally {
  await redis.stop();
}
