import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '@mutt/dynamic-config';
import type { HistoryQuery, LoggedCommit } from '@mutt/dynamic-config';
import { API_KEY, startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

/** Counts what is read of its log. */
class CountingStore extends MemoryStore {
  commitsRead = 0;

  override async *history(query: HistoryQuery): AsyncIterable<LoggedCommit> {
    for await (const commit of super.history(query)) {
      this.commitsRead++;
      yield commit;
    }
  }
}

let store: CountingStore;
let server: TestApp;
beforeEach(async () => {
  store = new CountingStore();
  server = await startApp(store);
});
afterEach(() => server.close());

async function page(query: string): Promise<{ revisions: number[]; more: boolean }> {
  const reply = await server.app.inject({ url: `/api/v1/changes?${query}`, headers: { 'x-api-key': API_KEY } });
  const { changes, more } = reply.json<{ changes: { revision: number }[]; more: boolean }>();
  return { revisions: changes.map(({ revision }) => revision), more };
}

describe('a page of changes', () => {
  it('reads no commit that it does not tell', async () => {
    for (const value of ['1', '2', '3']) await server.config.set('a', value);
    expect(await page('limit=1')).toEqual({ revisions: [1], more: true });
    expect(store.commitsRead).toBe(1);
  });

  it('ends early where the commits are large, and says that there is more', async () => {
    const large = Array.from({ length: 8 }, (_, n) => ({ key: `k${n}`, value: 'x'.repeat(1024 * 1024 - 8) }));
    for (let n = 0; n < 3; n++) await server.config.commit(large);
    expect(await page('limit=500')).toEqual({ revisions: [1, 2], more: true });
    expect(store.commitsRead).toBe(2);
    expect(await page('after=2&limit=500')).toEqual({ revisions: [3], more: false });
  });
});

describe('a dry run', () => {
  async function dryRun(body: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { 'x-api-key': API_KEY };
    const sent = { dry_run: true, ...body };
    const reply = await server.app.inject({ method: 'POST', url: '/api/v1/changes', headers, body: sent });
    return { status: reply.statusCode, body: reply.json() };
  }

  it('tells what would change, and changes nothing', async () => {
    await server.config.commit([
      { key: 'a', value: '1' },
      { key: 'b', value: '1' },
      { key: 'same', value: 'x' },
    ]);
    const changes = [
      { key: 'a', value: 2 },
      { key: 'b', delete: true },
      { key: 'c', value: 'new' },
      { key: 'same', value: 'x' },
    ];
    expect(await dryRun({ changes })).toEqual({
      status: 200,
      body: {
        dry_run: true,
        revision: 1,
        changes: [
          { key: 'a', value: '2', previous_value: '1' },
          { key: 'b', value: null, previous_value: '1' },
          { key: 'c', value: 'new', previous_value: null },
        ],
        notices: [],
      },
    });
    expect(server.config.head.revision).toBe(1);
  });

  it('is refused as the change set would be', async () => {
    await server.config.set('a', '1');
    const set = { key: 'a', value: '2' };
    expect(await dryRun({ changes: [{ ...set, if_revision: 7 }] })).toMatchObject({ status: 412 });
    expect(await dryRun({ changes: [set], if_revision: 7 })).toMatchObject({ status: 412 });
    expect(await dryRun({ changes: [set, set] })).toMatchObject({ status: 422, body: { code: 'change_set_invalid' } });
    expect(await dryRun({ changes: [] })).toMatchObject({ status: 422 });
  });
});
