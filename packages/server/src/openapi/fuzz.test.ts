import { afterAll, beforeAll, expect, it } from 'vitest';
import fc from 'fast-check';
import { describeSetting, integer, MemoryStore } from '@mutt/dynamic-config';
import type { LightMyRequestResponse } from 'fastify';
import { seedOfRun } from '../../../../test/support/seed.ts';
import { ApiDocument } from '../../test/api-document.ts';
import type { DocumentedRoute } from '../../test/api-document.ts';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { anyRequest } from '../../test/request-arbitrary.ts';
import type { AnyRequest } from '../../test/request-arbitrary.ts';
import { ADMIN_KEY, ADMIN_KEY_ID } from '../../test/access-app.ts';
import { startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';
import { openAccess } from '../auth/access.ts';
import type { Access } from '../auth/access.ts';
import { saveAdminKey } from '../auth/admin-key.ts';
import { createLogger } from '../logger.ts';

const REQUESTS = 60;
const LONGEST_MS = 5_000;

let test: TestDatabase;
let server: TestApp;
let document: ApiDocument;
let access: Access;

beforeAll(async () => {
  test = await (DATABASES[0] as (typeof DATABASES)[number]).start();
  await test.reset();
  const key = { id: ADMIN_KEY_ID, origin: 'taken', key: ADMIN_KEY } as const;
  await test.database.run((db) => saveAdminKey(db, key, { replace: false }));
  access = await openAccess({ database: test.database, logger: createLogger('silent') });
  server = await startApp(new MemoryStore(), { database: test.database, access, rateLimit: 1_000_000, cacheTtl: 600 });
  await server.config.register({
    service: 'forwarder',
    version: '1',
    settings: { moog_rate_limit: describeSetting(integer({ min: 1, default: 100 })) },
  });
  for (const value of ['1', '2']) {
    await server.config.commit(['a', 'b', 'moog_rate_limit', 'team/mode'].map((key) => ({ key, value })));
  }
  document = await ApiDocument.of(server.app);
});
afterAll(async () => {
  await server.close();
  await access.close();
  await test.stop();
});

async function send({ route, url, headers, payload }: AnyRequest): Promise<LightMyRequestResponse> {
  const reply = await server.app.inject({
    method: route.method,
    url,
    headers: {
      'x-api-key': ADMIN_KEY,
      ...headers,
      ...(payload !== undefined && { 'content-type': 'application/json' }),
    },
    ...(payload !== undefined && { payload: JSON.stringify(payload) }),
    // A stream has no end to wait for.
    payloadAsStream: isStream(route),
  });
  if (isStream(route) && reply.statusCode === 200) reply.stream().destroy();
  return reply;
}

const isStream = ({ responses }: DocumentedRoute): boolean =>
  '200' in responses && JSON.stringify(responses[200]).includes('event-stream');

it('a change that is only tried is answered as documented, too', async () => {
  const route = document.routes.find(({ method, path }) => method === 'POST' && path === '/api/v1/changes');
  if (route === undefined) throw new Error('There is no such route');
  const payload = { changes: [{ key: 'a', delete: true }], dry_run: true };
  const reply = await send({ route, url: route.path, headers: {}, payload, hasUnknown: false });
  expect(document.problemsWith(route, reply)).toEqual([]);
  expect(reply.json()).toMatchObject({ dry_run: true });
});

it('whatever is asked for, nothing breaks, and every refusal has the shape of errors', async () => {
  for (const route of document.routes) {
    const name = `${route.method} ${route.path}`;
    const holds = fc.asyncProperty(anyRequest(document, route), async (request) => {
      const reply = await send(request);
      expect(reply.statusCode, `${name}: ${reply.statusCode}`).toBeLessThan(500);
      if (isStream(route)) return;
      expect(document.problemsWith(route, reply)).toEqual([]);
      if (reply.statusCode >= 400)
        expect(reply.json()).toMatchObject({ correlation_id: reply.headers['x-correlation-id'] });
      const isLenient = /^\/(healthz|readyz|metrics)$/.test(route.path);
      if (request.hasUnknown && !isLenient) expect(reply.statusCode).toBeGreaterThanOrEqual(400);
    });
    await fc.assert(holds, { seed: seedOfRun, numRuns: REQUESTS, interruptAfterTimeLimit: LONGEST_MS });
  }
}, 180_000);
