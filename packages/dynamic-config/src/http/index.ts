export { HttpStore } from './http-store.ts';
export type { HttpStoreOptions } from './http-store.ts';
