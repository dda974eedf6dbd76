import { HttpStore } from '@mutt/dynamic-config/http';
import { describeConfigStore } from '@mutt/dynamic-config/testing';
import { API_KEY, startApp } from '../test/start-app.ts';

describeConfigStore('HttpStore', async () => {
  const app = await startApp();
  const url = await app.listen();
  const store = HttpStore.open(url, { apiKey: API_KEY });
  const other = HttpStore.open(url, { apiKey: API_KEY });
  return {
    store,
    other,
    author: 'admin',
    async close() {
      await store.close();
      await other.close();
      await app.close();
    },
  };
});
