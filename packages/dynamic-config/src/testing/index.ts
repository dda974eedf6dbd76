export { describeConfigStore } from './describe-config-store.ts';
export type { ConfigStoreFixture } from './describe-config-store.ts';
export { until } from './until.ts';
