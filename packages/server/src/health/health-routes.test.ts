import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryNamespace, MemoryStore, StoreUnavailableError } from '@mutt/dynamic-config';
import type { LightMyRequestResponse } from 'fastify';
import { startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';
import type { AuditFeedStatus } from '../audit/audit-feed.ts';
import { auditCheck, databaseCheck } from './component-check.ts';
import type { ComponentCheck } from './component-check.ts';

let namespace: MemoryNamespace;
let server: TestApp;
let auditStatus: AuditFeedStatus;
let isDatabaseUp: boolean;
const broken: ComponentCheck = {
  name: 'broken',
  isRequired: false,
  check: () => {
    throw new Error('postgres://user:hunter2@host');
  },
};

beforeEach(async () => {
  namespace = new MemoryNamespace();
  auditStatus = { backlog: 0, lastError: null, gaps: 0, lastGap: null };
  isDatabaseUp = true;
  const database = databaseCheck({
    location: '',
    run: async () => (isDatabaseUp ? (undefined as never) : Promise.reject(new Error('password=hunter2'))),
    close: async () => {},
  });
  const checks = [
    database,
    auditCheck({
      get status() {
        return auditStatus;
      },
    }),
    broken,
  ];
  server = await startApp(new MemoryStore(namespace), { checks });
});
afterEach(() => server.close());

const ready = (): Promise<LightMyRequestResponse> => server.app.inject('/readyz');

describe('GET /readyz', () => {
  it('tells how each part is, and nothing secret', async () => {
    const response = await ready();
    expect([response.statusCode, response.json()]).toEqual([
      200,
      {
        status: 'ready',
        state: 'live',
        components: {
          store: { status: 'up' },
          database: { status: 'up' },
          audit: { status: 'up' },
          broken: { status: 'down', message: 'It cannot be found out how this is.' },
        },
      },
    ]);
    expect(response.body).not.toContain('hunter2');
  });

  it('is still ready when what it can do without for a while is down', async () => {
    isDatabaseUp = false;
    auditStatus = { ...auditStatus, lastError: new Error('hunter2'), backlog: 17 };
    const response = await ready();
    expect([response.statusCode, response.json()]).toMatchObject([
      200,
      {
        components: {
          database: { status: 'down', message: expect.stringContaining('does not answer') as string },
          audit: { status: 'down', message: expect.stringContaining('17 change sets wait') as string },
        },
      },
    ]);
    expect(response.body).not.toContain('hunter2');
  });

  it('is not ready without the store, and says so', async () => {
    for (const listener of namespace.listeners) {
      listener({ type: 'disconnected', error: new StoreUnavailableError('redis://user:hunter2@host is gone.') });
    }
    const response = await ready();
    expect([response.statusCode, response.json()]).toMatchObject([
      503,
      {
        error: 'The store is out of reach (store_unavailable). Reads go on from memory.',
        code: 'store_unavailable',
        details: { state: 'offline', components: { store: { status: 'down' }, database: { status: 'up' } } },
      },
    ]);
    expect(response.body).not.toContain('hunter2');
  });
});
