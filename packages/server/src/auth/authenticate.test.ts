import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteOptions } from 'fastify';
import { openTestDatabase, startAccessApp } from '../../test/access-app.ts';
import type { AccessApp, TestDatabase } from '../../test/access-app.ts';

let database: TestDatabase;
let server: AccessApp;
/** Every route that there is. */
const routes: { method: string; url: string; config: RouteOptions['config'] }[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  await database.reset();
  server = await startAccessApp(database, {
    onRoute: ({ method, url, config }) => {
      for (const one of [method].flat()) routes.push({ method: one, url, config });
    },
  });
  await server.app.ready();
});
afterAll(async () => {
  await server.close();
  await database.remove();
});

async function ask(method: string, url: string, key?: string): Promise<number> {
  const headers = key === undefined ? {} : { 'x-api-key': key };
  const reply = await server.app.inject({ method: method as 'GET', url: url.replace(/:\w+/g, 'x'), headers });
  return reply.statusCode;
}

describe('every route', () => {
  it('but for health and signing in is closed to who shows neither key nor session', async () => {
    const open: string[] = [];
    for (const { method, url } of routes) {
      if ((await ask(method, url)) !== 401) open.push(`${method} ${url}`);
    }
    const isDocs = (route: string): boolean => / \/(docs\b|openapi\.json$)/.test(route);
    expect(open.filter((route) => !route.startsWith('HEAD ') && !isDocs(route))).toEqual([
      'GET /healthz',
      'GET /readyz',
      'POST /api/v1/session',
    ]);
  });

  it('that changes anything is closed to viewers, but for their own sessions', async () => {
    const { key } = await server.key({ name: 'viewer', role: 'viewer' });
    const open: string[] = [];
    for (const { method, url, config } of routes) {
      if (['GET', 'HEAD'].includes(method) || config?.isPublic === true) continue;
      if ((await ask(method, url, key)) !== 403) open.push(`${method} ${url}`);
    }
    expect(open.toSorted()).toEqual([
      'DELETE /api/v1/session',
      'DELETE /api/v1/sessions/:id',
      'POST /api/v1/session/password',
    ]);
  });

  it('about keys, users and restoring is closed to editors', async () => {
    const { key } = await server.key({ name: 'editor', role: 'editor' });
    const admins = routes.filter(({ url }) => /\/(?:keys|users|restore)/.test(url));
    expect(admins.length).toBeGreaterThan(7);
    for (const { method, url } of admins)
      expect([method, url, await ask(method, url, key)]).toEqual([method, url, 403]);
  });

  it('that is none is no way to find out anything without a key', async () => {
    expect([await ask('GET', '/api/v1/nothing'), await ask('POST', '/%')]).toEqual([401, 401]);
  });
});
