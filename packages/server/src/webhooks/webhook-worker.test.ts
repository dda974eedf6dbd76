import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryNamespace, MemoryStore } from '@mutt/dynamic-config';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { answering, startReceiver } from '../../test/receiver.ts';
import type { Receiver } from '../../test/receiver.ts';
import { AuditFeed } from '../audit/audit-feed.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { recentDeliveries } from './delivery-log.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { GIVE_UP_MS } from './retry-delay.ts';
import { WebhookList } from './webhook-list.ts';
import { WebhookSender } from './webhook-sender.ts';
import { WebhookWorker } from './webhook-worker.ts';

const HOUR_MS = 60 * 60 * 1_000;
const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe.each(DATABASES)('a worker on $name', (kind) => {
  let test: TestDatabase;
  let store: MemoryStore;
  let receiver: Receiver;
  let audit: AuditLog;
  let list: WebhookList;
  let secretKeys: Set<string>;
  let nowMs: number;
  let workers: WebhookWorker[];

  beforeAll(async () => {
    test = await kind.start();
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    await test.reset();
    nowMs = Date.parse('2026-06-01T12:00:00Z');
    store = new MemoryStore(new MemoryNamespace());
    receiver = await startReceiver();
    const trail = new AuditTrail(test.database);
    audit = new AuditLog(test.database, trail, new AuditFeed({ store, trail, hold: async () => {}, logger }));
    list = new WebhookList(test.database, () => nowMs);
    secretKeys = new Set();
    workers = [];
  });
  afterEach(async () => {
    for (const worker of workers) await worker.close();
    await receiver.close();
    await audit.feed.close();
    await store.close();
  });

  /** As one server of several has it. */
  function newWorker(): { worker: WebhookWorker; queue: DeliveryQueue } {
    const queue = new DeliveryQueue({ database: test.database, now: () => nowMs, random: () => 0 });
    const sender = new WebhookSender({ allowPrivate: true, now: () => nowMs });
    // However long it takes on a busy machine.
    const settled = { database: test.database, settle: () => audit.feed.catchUp() };
    const worker = new WebhookWorker({ audit: settled, queue, sender, secretKeys: async () => secretKeys, logger });
    workers.push(worker);
    return { worker, queue };
  }

  async function add(keys: readonly string[] = ['*']): Promise<string> {
    await audit.feed.catchUp();
    const webhook = await list.add(
      { url: receiver.url, keys, description: null, secret: 'a-secret-of-both', createdBy: 'admin' },
      10,
    );
    return webhook?.id ?? '';
  }

  async function change(values: Record<string, string | null>, reason = 'a reason'): Promise<void> {
    const changes = Object.entries(values).map(([key, value]) => ({ key, value, ifRevision: null }));
    await store.commit(changes, {
      requestId: randomUUID(),
      changedBy: 'bob',
      reason,
      notify: true,
      ifRevision: null,
      correlationId: 'ticket-7',
    });
  }

  const bodies = (): Record<string, unknown>[] =>
    receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const revisions = (): unknown[] => bodies().map(({ revision }) => revision);

  it('tells of a change set as one, what matches of it, and nothing from before', async () => {
    await change({ moog_a: '0' });
    await add(['moog_*', 'debug']);
    await change({ moog_a: '1', other: '2', moog_b: '3' });
    await change({ other: '4' });
    await change({ debug: 'true', moog_b: null });
    await newWorker().worker.runOnce();
    const head = await store.head();
    expect(bodies()).toEqual([
      {
        id: receiver.received[0]?.headers['x-mutt-delivery'],
        type: 'config.changed',
        epoch: head.epoch,
        revision: 2,
        changed_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        changed_by: 'bob',
        reason: 'a reason',
        source: 'commit',
        correlation_id: 'ticket-7',
        changes: [
          { key: 'moog_a', old_value: '0', new_value: '1' },
          { key: 'moog_b', old_value: null, new_value: '3' },
        ],
      },
      expect.objectContaining({
        revision: 4,
        changes: [
          { key: 'debug', old_value: null, new_value: 'true' },
          { key: 'moog_b', old_value: '3', new_value: null },
        ],
      }),
    ]);
  });

  it('never tells a secret', async () => {
    await add();
    secretKeys.add('token');
    await change({ token: 'hunter2' });
    await change({ token: 'hunter3' });
    await newWorker().worker.runOnce();
    expect(bodies()[1]).toMatchObject({ changes: [{ key: 'token', old_value: '••••••', new_value: '••••••' }] });
    expect(JSON.stringify(receiver.received)).not.toContain('hunter');
  });

  it('leaves out values that are too many', async () => {
    await add();
    await change({ large: 'x'.repeat(600_000), larger: 'y'.repeat(600_000) });
    await newWorker().worker.runOnce();
    expect(bodies()).toMatchObject([{ values_omitted: true, changes: [{ key: 'large' }, { key: 'larger' }] }]);
    expect(receiver.received[0]?.body.length).toBeLessThan(1_000);
  });

  it('tries again later and later, the same delivery before the next', async () => {
    const id = await add();
    await change({ a: '1' });
    await change({ a: '2' });
    receiver.answer = answering(503);
    const { worker } = newWorker();
    await worker.runOnce();
    await worker.runOnce();
    expect(revisions()).toEqual([1]);
    nowMs += 1_000;
    await worker.runOnce();
    nowMs += 1_999;
    await worker.runOnce();
    expect(revisions()).toEqual([1, 1]);
    const [waiting] = await recentDeliveries(test.database, id);
    expect(waiting).toMatchObject({ status: 'pending', attempts: 2, nextAttemptAtMs: nowMs + 1, responseStatus: 503 });
    expect(await list.find(id)).toMatchObject({ backlog: 2, waiting: { attempts: 2 } });
    receiver.answer = answering(204);
    nowMs += 1;
    await worker.runOnce();
    expect(revisions()).toEqual([1, 1, 1, 2]);
    expect(new Set(bodies().map((body) => body['id'])).size).toBe(2);
    expect((await recentDeliveries(test.database, id)).map(({ status, attempts }) => [status, attempts])).toEqual([
      ['delivered', 1],
      ['delivered', 3],
    ]);
    expect(await list.find(id)).toMatchObject({ backlog: 0, waiting: null });
  });

  it('gives up after three days, tells the operator, and goes on where it was when it is enabled', async () => {
    const id = await add();
    await change({ a: '1' });
    await change({ a: '2' });
    receiver.answer = answering(500);
    const { worker } = newWorker();
    for (const endMs = nowMs + GIVE_UP_MS; nowMs <= endMs; nowMs += HOUR_MS) await worker.runOnce();
    expect(await list.find(id)).toMatchObject({ state: 'failing', backlog: 2 });
    expect((await recentDeliveries(test.database, id)).map(({ status }) => status)).toEqual(['failed']);
    const tried = receiver.received.length;
    nowMs += HOUR_MS;
    await worker.runOnce();
    expect(receiver.received.length).toBe(tried);
    receiver.answer = answering(200);
    await list.update(id, { isEnabled: true });
    await worker.runOnce();
    expect(revisions().slice(tried)).toEqual([1, 2]);
    expect(new Set(bodies().map((body) => body['id'])).size).toBe(2);
    expect(await list.find(id)).toMatchObject({ state: 'enabled', backlog: 0 });
  });

  it('passes over what an operator gives up', async () => {
    const id = await add();
    await change({ a: '1' });
    await change({ a: '2' });
    receiver.answer = answering(500);
    const { worker } = newWorker();
    await worker.runOnce();
    receiver.answer = answering(200);
    await list.update(id, { skipBacklog: true });
    await change({ a: '3' });
    await worker.runOnce();
    expect(revisions()).toEqual([1, 3]);
    expect((await recentDeliveries(test.database, id)).map(({ status }) => status)).toEqual(['delivered', 'skipped']);
  });

  it('sends nothing while it is disabled, and all of it afterwards', async () => {
    const id = await add();
    await list.update(id, { isEnabled: false });
    await change({ a: '1' });
    const { worker } = newWorker();
    await worker.runOnce();
    expect(receiver.received).toEqual([]);
    await list.update(id, { isEnabled: true });
    await worker.runOnce();
    expect(revisions()).toEqual([1]);
  });

  it('does not wait for one receiver to serve another', async () => {
    const slow = await startReceiver();
    slow.answer = () => {};
    await add();
    await list.add({ url: slow.url, keys: ['*'], description: null, secret: 'a-secret-of-both', createdBy: 'x' }, 10);
    await change({ a: '1' });
    const { worker } = newWorker();
    const running = worker.runOnce();
    await expect.poll(() => receiver.received.length).toBe(1);
    await expect.poll(() => slow.received.length).toBe(1);
    // Breaks off what is under way: noted as never tried, and sent again by whoever is next.
    await worker.close();
    await running;
    slow.answer = answering(200);
    await newWorker().worker.runOnce();
    expect(slow.received.map(({ headers }) => headers['x-mutt-delivery'])).toEqual([
      slow.received[0]?.headers['x-mutt-delivery'],
      slow.received[0]?.headers['x-mutt-delivery'],
    ]);
    expect(receiver.received.length).toBe(1);
    await slow.close();
  });

  it('is the only one that serves a webhook, until its lease ends', async () => {
    const id = await add();
    await change({ a: '1' });
    await audit.feed.catchUp();
    const first = newWorker();
    const second = newWorker();
    const held = await first.queue.claim(id);
    await second.worker.runOnce();
    expect([receiver.received, await second.queue.claim(id)]).toEqual([[], 'none']);
    // The first one died meanwhile.
    await test.database.run((db) =>
      sql`update webhook set leased_until = clock_timestamp() - interval '1 second'`.execute(db),
    );
    await second.worker.runOnce();
    expect(receiver.received.map(({ headers }) => headers['x-mutt-delivery'])).toEqual([
      typeof held === 'object' ? held.id : '',
    ]);
  });

  it('serves every change once, and in order, when several share the work', async () => {
    const id = await add();
    const several = [newWorker(), newWorker(), newWorker()];
    for (let n = 1; n <= 30; n += 1) {
      await change({ a: String(n) });
      if (n % 5 === 0) await Promise.all(several.map(({ worker }) => worker.runOnce()));
    }
    await several[0]?.worker.runOnce();
    expect(revisions()).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    expect(await list.find(id)).toMatchObject({ backlog: 0 });
  });

  it('passes over what the trail has dropped by age', async () => {
    const id = await add();
    await change({ a: '1' });
    receiver.answer = answering(500);
    const { worker } = newWorker();
    await worker.runOnce();
    await test.database.run((db) => db.deleteFrom('config_audit_log').execute());
    receiver.answer = answering(200);
    nowMs += HOUR_MS;
    await change({ a: '2' });
    await worker.runOnce();
    expect(revisions()).toEqual([1, 2]);
    expect((await recentDeliveries(test.database, id)).map(({ status }) => status)).toEqual(['delivered', 'skipped']);
  });

  it('finds what matches among many records that do not, and remembers the last hundred deliveries', async () => {
    const id = await add(['rare']);
    for (let n = 0; n < 5; n += 1) {
      await change(Object.fromEntries(Array.from({ length: 900 }, (_, key) => [`k${key}`, String(n)])));
    }
    for (let n = 0; n < 105; n += 1) await change({ rare: String(n) });
    const { worker } = newWorker();
    await worker.runOnce();
    await worker.runOnce();
    expect(revisions()).toEqual(Array.from({ length: 105 }, (_, n) => n + 6));
    const recent = await recentDeliveries(test.database, id);
    expect([recent.length, recent[0]?.revision, recent.at(-1)?.revision]).toEqual([100, 110, 11]);
  });
});
