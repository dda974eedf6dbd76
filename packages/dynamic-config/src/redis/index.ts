export { RedisStore } from './redis-store.ts';
export type { RedisStoreOptions } from './redis-store.ts';
export type { ConnectedInstance, Listeners } from './instances.ts';
export type { NodeRedisClient } from './node-redis-client.ts';
export { examineRedis } from './examine-redis.ts';
export type { ExaminationOptions } from './examine-redis.ts';
export type { Finding, Severity } from './finding.ts';
