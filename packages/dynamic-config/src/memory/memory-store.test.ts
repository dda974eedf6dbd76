import { describeConfigStore } from '../testing/index.ts';
import { MemoryNamespace } from './memory-namespace.ts';
import { MemoryStore } from './memory-store.ts';

describeConfigStore('MemoryStore', async () => {
  const namespace = new MemoryNamespace();
  const store = new MemoryStore(namespace);
  return { store, other: new MemoryStore(namespace), close: () => store.close() };
});
