import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidOptionError, MemoryNamespace, MemoryStore, OutcomeUnknownError } from '@mutt/dynamic-config';
import { HttpStore } from '@mutt/dynamic-config/http';
import { API_KEY, startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

let namespace: MemoryNamespace;
let store: MemoryStore;
let server: TestApp;

beforeEach(async () => {
  namespace = new MemoryNamespace();
  store = new MemoryStore(namespace);
  server = await startApp(store);
});
afterEach(() => server.close());

function call(
  method: 'PUT' | 'DELETE' | 'POST',
  url: string,
  payload?: object,
  id?: string,
): Promise<LightMyRequestResponse> {
  return server.app.inject({
    method,
    url: `/api/v1/${url}`,
    headers: { 'x-api-key': API_KEY, ...(id !== undefined && { 'idempotency-key': id }) },
    ...(payload !== undefined && { payload }),
  });
}

describe('a change with an Idempotency-Key', () => {
  it('is applied once, however often it is sent', async () => {
    const first = await call('PUT', 'config/a', { value: '1' }, 'put-1');
    await call('PUT', 'config/a', { value: '2' });
    const again = await call('PUT', 'config/a', { value: '1' }, 'put-1');
    expect([again.statusCode, again.json()]).toEqual([200, first.json()]);
    expect([server.config.get('a'), namespace.head.revision]).toEqual(['2', 2]);
  });

  it('that deletes is applied once, too, though the key is gone', async () => {
    await call('PUT', 'config/a', { value: '1' });
    const first = await call('DELETE', 'config/a', undefined, 'delete-1');
    const again = await call('DELETE', 'config/a', undefined, 'delete-1');
    expect([again.statusCode, again.json()]).toEqual([200, first.json()]);
    expect(namespace.head.revision).toBe(2);
    const never = await call('DELETE', 'config/a', undefined, 'delete-2');
    expect([never.statusCode, never.json()]).toMatchObject([404, { code: 'key_not_found' }]);
    expect(namespace.head.revision).toBe(2);
  });

  it('can be sent again as the answer says, when the outcome of the first attempt is unknown', async () => {
    const commit = store.commit.bind(store);
    store.commit = async (changes, options) => {
      await commit(changes, options);
      throw new OutcomeUnknownError(options.requestId);
    };
    const unknown = await call('PUT', 'config/a', { value: '1' });
    expect(unknown.statusCode).toBe(504);
    const { error, details } = unknown.json<{ error: string; details: { request_id: string } }>();
    const id = /Idempotency-Key: (\S+)/.exec(error)?.[1];
    expect(id).toBe(details.request_id);
    store.commit = commit;
    expect((await call('PUT', 'config/a', { value: '1' }, id)).json()).toMatchObject({ revision: 1 });
    expect(namespace.head.revision).toBe(1);
  });

  it.each(['', 'a b', 'ü', 'x'.repeat(129)])('that is no id (%s) is refused', async (id) => {
    const response = await call('PUT', 'config/a', { value: '1' }, id);
    expect([response.statusCode, response.json()]).toMatchObject([400, { code: 'request_invalid' }]);
  });
});

describe('a request id that was used for other changes', () => {
  it('is refused, and nothing is written', async () => {
    await call('POST', 'changes', { changes: [{ key: 'a', value: '1' }], request_id: 'id' });
    for (const reply of [
      await call('POST', 'changes', { changes: [{ key: 'a', value: '2' }], request_id: 'id' }),
      await call('PUT', 'config/b', { value: '1' }, 'id'),
      await call('DELETE', 'config/a', undefined, 'id'),
    ]) {
      expect([reply.statusCode, reply.json()]).toMatchObject([422, { code: 'request_id_reused' }]);
    }
    expect([server.config.getAll(), namespace.head.revision]).toEqual([{ a: '1' }, 1]);
  });

  it('is an InvalidOptionError for who uses the library over HTTP', async () => {
    await call('POST', 'changes', { changes: [{ key: 'a', value: '1' }], request_id: 'id' });
    const http = HttpStore.open(await server.listen(), { apiKey: API_KEY });
    const options = { requestId: 'id', changedBy: 'me', reason: null, notify: true, ifRevision: null };
    await expect(http.commit([{ key: 'a', value: '2', ifRevision: null }], options)).rejects.toThrow(
      InvalidOptionError,
    );
    await http.close();
  });
});
