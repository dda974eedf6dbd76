import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeSetting, integer, MemoryNamespace, MemoryStore, secret } from '@mutt/dynamic-config';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { API_KEY, startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';
import { dropBefore } from '../audit/audit-retention.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-06-01T12:00:00Z');

describe.each(DATABASES)('with the trail in $name', (kind) => {
  let test: TestDatabase;
  let now: number;
  let namespace: MemoryNamespace;
  let server: TestApp;

  beforeAll(async () => {
    test = await kind.start();
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    await test.reset();
    now = NOON;
    namespace = new MemoryNamespace({ now: () => now, newEpoch: () => 'e1' });
    server = await startApp(new MemoryStore(namespace), { database: test.database });
  });
  afterEach(() => server.close());

  interface Reply {
    readonly status: number;
    readonly body: Record<string, unknown>;
  }

  async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object): Promise<Reply> {
    const headers = { 'x-api-key': API_KEY };
    const reply = await server.app.inject({ method, url: `/api/v1/${url}`, headers, ...(body && { body }) });
    return { status: reply.statusCode, body: reply.json<Record<string, unknown>>() };
  }

  /** One change set an hour. null deletes. */
  async function commit(values: Record<string, string | null>, reason = 'why'): Promise<void> {
    const changes = Object.entries(values).map(([key, value]) =>
      value === null ? { key, delete: true } : { key, value },
    );
    expect((await call('POST', 'changes', { changes, reason })).status).toBe(200);
    now += HOUR;
  }

  describe('the history of a key', () => {
    it('is all that happened to it, the newest first, in pages', async () => {
      await commit({ a: '1', b: '1' });
      await commit({ a: '2' });
      await commit({ a: null });
      const first = await call('GET', 'config/a/history?limit=2');
      expect(first.body).toMatchObject({
        key: 'a',
        records: [
          { operation: 'DELETE', revision: 3, old_values: { value: '2' }, new_values: null },
          { operation: 'UPDATE', revision: 2, reason: 'why', changed_by: 'admin' },
        ],
      });
      const rest = await call('GET', `config/a/history?limit=2&cursor=${String(first.body['next_cursor'])}`);
      expect(rest.body).toMatchObject({ records: [{ operation: 'CREATE', revision: 1 }], next_cursor: null });
    });

    it('of a key that never was is not found', async () => {
      expect(await call('GET', 'config/nothing/history')).toMatchObject({
        status: 404,
        body: { error: 'Config key not found: nothing' },
      });
    });

    it('does not tell secrets, unless they are asked for', async () => {
      await server.config.register({ service: 's', version: '1', settings: { token: describeSetting(secret()) } });
      await commit({ token: 'hunter2' });
      for (const url of ['config/token/history', 'snapshot?at=1', 'diff?from=0']) {
        expect(JSON.stringify((await call('GET', url)).body)).not.toContain('hunter2');
        expect(JSON.stringify((await call('GET', `${url}${url.includes('?') ? '&' : '?'}reveal=true`)).body)).toContain(
          'hunter2',
        );
      }
    });
  });

  describe('a snapshot of the past', () => {
    beforeEach(async () => {
      await commit({ a: '1', b: '1' });
      await commit({ a: '2', c: '1' });
      await commit({ b: null });
    });

    it.each([
      ['2026-06-01T12:30:00Z', { a: '1', b: '1' }],
      ['2026-06-01T13:00:00Z', { a: '2', b: '1', c: '1' }],
      ['2026-06-01T15:00:00%2B01:00', { a: '2', c: '1' }],
      ['2099-01-01', { a: '2', c: '1' }],
      ['2020-01-01', {}],
      ['0', {}],
      ['1', { a: '1', b: '1' }],
      ['e1:2', { a: '2', b: '1', c: '1' }],
    ])('at %s', async (at, expected) => {
      const { status, body } = await call('GET', `snapshot?at=${at}`);
      expect(status).toBe(200);
      const entries = Object.entries(body['entries'] as Record<string, { value: string }>);
      expect(Object.fromEntries(entries.map(([key, { value }]) => [key, value]))).toEqual(expected);
    });

    it('is the same from what is left once old records were dropped, and refused before that', async () => {
      await call('GET', 'audit');
      await dropBefore(test.database, new Date(NOON + 1.5 * HOUR));
      const entries = (await call('GET', 'snapshot?at=3')).body['entries'];
      expect(entries).toMatchObject({ a: { value: '2', revision: 2 }, c: { value: '1' } });
      for (const at of ['1', '2026-06-01T12:30:00Z']) {
        expect(await call('GET', `snapshot?at=${at}`)).toMatchObject({
          status: 410,
          body: { code: 'history_unavailable' },
        });
      }
    });

    it.each([
      ['9', 404, 'revision_unknown'],
      ['other:1', 404, 'revision_unknown'],
      ['soon', 400, 'request_invalid'],
      ['2026-02-31', 400, 'request_invalid'],
      ['-1', 400, 'request_invalid'],
    ])('at %s is refused', async (at, status, code) => {
      expect(await call('GET', `snapshot?at=${at}`)).toMatchObject({ status, body: { code } });
    });
  });

  it('two moments are told apart', async () => {
    await commit({ a: '1', b: '1', same: 'x' });
    await commit({ a: '2', c: '1' });
    await commit({ b: null });
    await commit({ c: null });
    const { body } = await call('GET', 'diff?from=1&to=2026-06-01T14:30:00Z');
    expect(body).toMatchObject({
      from: { revision: 1 },
      to: { revision: 3 },
      changes: [
        { key: 'a', from: { value: '1' }, to: { value: '2', changed_by: 'admin' } },
        { key: 'b', from: { value: '1' }, to: null },
        { key: 'c', from: null, to: { value: '1' } },
      ],
    });
    expect((await call('GET', 'diff?from=3')).body['changes']).toMatchObject([{ key: 'c', to: null }]);
    expect((await call('GET', 'diff?from=3&to=1')).body['changes']).toMatchObject([
      { key: 'a' },
      { key: 'b' },
      { key: 'c' },
    ]);
  });

  describe('a rollback of a key', () => {
    it('undoes its last change, and is a change itself', async () => {
      await commit({ a: '1' });
      await commit({ a: '2' });
      const { status, body } = await call('POST', 'config/a/rollback', { reason: 'incident 4711' });
      expect([status, body]).toEqual([
        200,
        { key: 'a', value: '1', message: 'Configuration rolled back: a', revision: 3 },
      ]);
      const { body: history } = await call('GET', 'config/a/history');
      expect(history['records']).toMatchObject([{ reason: 'Rolled back revision 2: incident 4711' }, {}, {}]);
    });

    it('of its creation deletes it, of its deletion brings it back', async () => {
      await commit({ a: '1' });
      expect((await call('POST', 'config/a/rollback')).body).toMatchObject({ value: null });
      expect(server.config.get('a', 'none')).toBe('none');
      expect((await call('POST', 'config/a/rollback', {})).body).toMatchObject({ value: '1' });
    });

    it('is refused where somebody changed it since, with what is there now', async () => {
      await commit({ a: '1' });
      await commit({ a: '2' });
      await commit({ a: '3' });
      const refused = await call('POST', 'config/a/rollback', { revision: 2 });
      expect(refused).toMatchObject({
        status: 409,
        body: {
          code: 'rollback_conflict',
          error:
            'Rolling back would take back newer changes: a was changed in revision 3 by admin. Send "force": true to do so.',
          details: { keys: [{ key: 'a', value: '3', revision: 3, changed_by: 'admin' }] },
        },
      });
      expect((await call('POST', 'config/a/rollback', { revision: 2, force: true })).body).toMatchObject({
        value: '1',
      });
    });

    it('is refused where the key is gone since', async () => {
      await commit({ a: '1' });
      await commit({ a: '2' });
      await commit({ a: null });
      expect(await call('POST', 'config/a/rollback', { revision: 2 })).toMatchObject({
        status: 409,
        body: { details: { keys: [{ key: 'a', value: null, revision: 0 }] } },
      });
    });

    it('is refused where somebody wrote past us since', async () => {
      await commit({ a: '1' });
      await commit({ a: '2' });
      namespace.writeRaw('a', 'past us');
      await server.config.refresh();
      expect((await call('POST', 'config/a/rollback')).status).toBe(409);
    });

    it('is done once, however often it is sent under one id', async () => {
      await commit({ a: '1', b: '1' });
      await commit({ a: '2', b: '2' });
      const headers = { 'x-api-key': API_KEY, 'idempotency-key': 'again' };
      const send = async (url: string): Promise<unknown> =>
        (await server.app.inject({ method: 'POST', url: `/api/v1/${url}`, headers, body: {} })).json();
      const first = await send('config/a/rollback');
      expect(first).toMatchObject({ value: '1', revision: 3 });
      expect(await send('config/a/rollback')).toEqual(first);
      expect(await send('config/b/rollback')).toMatchObject({ code: 'request_id_reused' });
      headers['idempotency-key'] = 'set';
      await commit({ a: '5', b: '5' });
      const undone = await send('changes/4/rollback');
      expect(undone).toMatchObject({ revision: 5 });
      expect(await send('changes/4/rollback')).toEqual(undone);
      expect(server.config.head.revision).toBe(5);
    });

    it('deletes nothing that nobody knows the past of, unless told to', async () => {
      namespace.writeRaw('a', 'was there before the trail');
      await server.config.refresh();
      await call('PUT', 'config/a', { value: '2' });
      await call('POST', 'config/a/rollback');
      expect(server.config.get('a')).toBe('was there before the trail');
      expect(await call('POST', 'config/a/rollback', { revision: 1, force: false })).toMatchObject({
        status: 409,
        body: { error: expect.stringContaining('not known') as string },
      });
      expect((await call('POST', 'config/a/rollback', { revision: 1, force: true })).body).toMatchObject({
        value: null,
      });
    });

    it('goes back to a revision, and not when the key is elsewhere than believed', async () => {
      await commit({ a: '1' });
      await commit({ a: '2' });
      await commit({ a: '3' });
      expect(await call('POST', 'config/a/rollback', { to_revision: 1, if_revision: 2 })).toMatchObject({
        status: 409,
        body: { code: 'rollback_conflict' },
      });
      expect((await call('POST', 'config/a/rollback', { to_revision: 1, if_revision: 3 })).body).toMatchObject({
        value: '1',
        revision: 4,
      });
    });

    it('puts back nothing that is refused by now, unless told to', async () => {
      await server.config.register({
        service: 's',
        version: '1',
        settings: { a: describeSetting(integer({ max: 10 })) },
      });
      await call('PUT', 'config/a', { value: 1000, force: true });
      await commit({ a: '5' });
      expect(await call('POST', 'config/a/rollback')).toMatchObject({ status: 422, body: { code: 'value_invalid' } });
      expect((await call('POST', 'config/a/rollback', { force: true })).body).toMatchObject({ value: '1000' });
    });

    it.each<[string, object, number, string]>([
      ['of a revision that did not change it', { revision: 2 }, 404, 'revision_unknown'],
      ['with both', { revision: 1, to_revision: 1 }, 400, 'request_invalid'],
      ['with more', { revision: 1, dry: true }, 400, 'request_invalid'],
      ['to where it is', { to_revision: 1 }, 409, 'rollback_conflict'],
    ])('%s is refused', async (_, body, status, code) => {
      await commit({ a: '1' });
      await commit({ b: '1' });
      expect(await call('POST', 'config/a/rollback', body)).toMatchObject({ status, body: { code } });
    });
  });

  describe('a rollback of a change set', () => {
    it('undoes all of it as one', async () => {
      await commit({ a: '1', b: '1' });
      await commit({ a: '2', b: null, c: '1' });
      const { body } = await call('POST', 'changes/2/rollback', { reason: 'no good' });
      expect(body).toMatchObject({ revision: 3, keys: ['a', 'b', 'c'] });
      expect({ ...server.config.getAll() }).toEqual({ a: '1', b: '1' });
    });

    it('is refused as a whole where one of its keys was changed since', async () => {
      await commit({ a: '1', b: '1' });
      await commit({ a: '2', b: '2' });
      await commit({ b: '3' });
      expect(await call('POST', 'changes/2/rollback')).toMatchObject({
        status: 409,
        body: { details: { keys: [{ key: 'b', value: '3' }] } },
      });
      expect({ ...server.config.getAll() }).toEqual({ a: '2', b: '3' });
      await call('POST', 'changes/2/rollback', { force: true });
      expect({ ...server.config.getAll() }).toEqual({ a: '1', b: '1' });
    });

    it.each(['9', '0', 'x'])('of revision %s is refused', async (revision) => {
      await commit({ a: '1' });
      expect([400, 404]).toContain((await call('POST', `changes/${revision}/rollback`)).status);
    });
  });

  describe('a restore from the trail', () => {
    it('brings back what is gone, and leaves alone what is there', async () => {
      await commit({ a: '1', b: '1', gone: 'x' });
      await commit({ gone: null });
      await call('GET', 'audit');
      await server.close();
      namespace = new MemoryNamespace({ now: () => now, newEpoch: () => 'e2' });
      namespace.writeRaw('b', 'new');
      server = await startApp(new MemoryStore(namespace), { database: test.database });
      const { body } = await call('POST', 'restore', { from: 'trail' });
      expect(body).toMatchObject({ restored: 1 });
      expect({ ...server.config.getAll() }).toEqual({ a: '1', b: 'new' });
      const at = encodeURIComponent('e1:1');
      expect((await call('POST', 'restore', { from: 'trail', at: 'e1:1' })).body).toMatchObject({ restored: 1 });
      expect(server.config.get('gone')).toBe('x');
      expect((await call('GET', `diff?from=${at}`)).status).toBe(200);
    });

    it('takes a moment only with the trail', async () => {
      expect((await call('POST', 'restore', { at: '1' })).status).toBe(400);
      expect((await call('POST', 'restore', { from: 'trail', accept_loss: true })).status).toBe(400);
    });
  });
});
