import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSetting, integer, MemoryStore } from '@mutt/dynamic-config';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { ApiDocument } from '../../test/api-document.ts';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { ADMIN_KEY, ADMIN_KEY_ID } from '../../test/access-app.ts';
import { startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';
import { openAccess } from '../auth/access.ts';
import type { Access } from '../auth/access.ts';
import { saveAdminKey } from '../auth/admin-key.ts';
import { createLogger } from '../logger.ts';

/** Whose job it is to show the others. */
const NOT_DOCUMENTED = /^\/(docs|sign-in|openapi\.json)/;

let test: TestDatabase;
let server: TestApp;
let document: ApiDocument;
let access: Access;
const served = new Set<string>();

beforeAll(async () => {
  test = await (DATABASES[0] as (typeof DATABASES)[number]).start();
  await test.reset();
  const key = { id: ADMIN_KEY_ID, origin: 'taken', key: ADMIN_KEY } as const;
  await test.database.run((db) => saveAdminKey(db, key, { replace: false }));
  access = await openAccess({ database: test.database, logger: createLogger('silent') });
  server = await startApp(new MemoryStore(), { database: test.database, access, allowPrivateWebhooks: true });
  server.app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) served.add(`${one} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
  });
  await server.config.register({
    service: 'forwarder',
    version: '1',
    settings: { moog_rate_limit: describeSetting(integer({ min: 1, default: 100 })) },
  });
  document = await ApiDocument.of(server.app);
});
afterAll(async () => {
  await server.close();
  await access.close();
  await test.stop();
});

interface Call extends InjectOptions {
  /** False: with a session's cookie, which is among the headers. */
  readonly asKey?: boolean;
}

function ask({ asKey = true, ...call }: Call): Promise<LightMyRequestResponse> {
  return server.app.inject({ ...call, headers: { ...(asKey && { 'x-api-key': ADMIN_KEY }), ...call.headers } });
}

const put = (key: string, value: string): Promise<LightMyRequestResponse> =>
  ask({ method: 'PUT', url: `/api/v1/config/${key}`, payload: { value } });

const REGISTRATION = {
  service: 's',
  version: '2',
  settings: {
    k: {
      type: 'text',
      rule: {},
      json_schema: {},
      default: null,
      description: null,
      unit: null,
      deprecated: null,
      requires_restart: false,
      secret: false,
    },
  },
};

const PASSWORD = 'a long enough password';
/** Where the test's browser is. */
const PAGE = { host: 'localhost:8090', origin: 'http://localhost:8090' };

async function newUser(name: string): Promise<void> {
  await ask({ method: 'POST', url: '/api/v1/users', payload: { name, password: PASSWORD, role: 'viewer' } });
}

/** Headers of somebody who signed in. */
async function signedIn(name: string): Promise<Record<string, string>> {
  await newUser(name);
  const payload = { username: name, password: PASSWORD };
  const { headers } = await ask({ method: 'POST', url: '/api/v1/session', payload });
  return { cookie: String(headers['set-cookie']).split(';', 1)[0] ?? '', ...PAGE };
}

/** Nobody listens there: what is sent fails at once. */
const HOOK = 'http://127.0.0.1:1/hook';

async function newWebhook(): Promise<string> {
  const reply = await ask({ method: 'POST', url: '/api/v1/webhooks', payload: { url: HOOK } });
  return reply.json<{ id: string }>().id;
}

/** How each route is asked so that it answers with what it is there for; and, where it can, with more. */
const CALLS: Readonly<Record<string, () => Promise<readonly Call[]>>> = {
  'GET /healthz': async () => [{ url: '/healthz' }],
  'GET /readyz': async () => [{ url: '/readyz' }],
  'GET /metrics': async () => [{ url: '/metrics' }],
  'GET /api/v1/config': async () => {
    const { headers } = await ask({ url: '/api/v1/config' });
    return [{ url: '/api/v1/config' }, { url: '/api/v1/config', headers: { 'if-none-match': String(headers.etag) } }];
  },
  'GET /api/v1/entries': async () => {
    await put('a', '1');
    const { headers } = await ask({ url: '/api/v1/entries' });
    const again = { url: '/api/v1/entries', headers: { 'if-none-match': String(headers.etag) } };
    return [{ url: '/api/v1/entries' }, { url: '/api/v1/entries?key=a&key=b' }, again];
  },
  'GET /api/v1/overview': async () => [{ url: '/api/v1/overview' }],
  'GET /api/v1/trends': async () => {
    await put('a', '1');
    return [{ url: '/api/v1/trends?key=a&key=b' }];
  },
  'GET /api/v1/instances': async () => [{ url: '/api/v1/instances' }],
  'GET /api/v1/config/{key}': async () => {
    await put('a', '1');
    return [{ url: '/api/v1/config/a' }];
  },
  'PUT /api/v1/config/{key}': async () => [
    { url: '/api/v1/config/a', payload: { value: 2, reason: 'why' } },
    { url: '/api/v1/config/unknown', payload: { value: '2', force: true } },
  ],
  'DELETE /api/v1/config/{key}': async () => {
    await put('gone', '1');
    return [{ url: '/api/v1/config/gone' }];
  },
  'POST /api/v1/changes': async () => [
    { url: '/api/v1/changes', payload: { changes: [{ key: 'a', value: 3 }], reason: 'r' } },
    { url: '/api/v1/changes', payload: { changes: [{ key: 'moog_rate_limit', value: 0 }], force: true } },
  ],
  'GET /api/v1/changes': async () => [{ url: '/api/v1/changes' }],
  'POST /api/v1/changes/{revision}/rollback': async () => {
    const { revision } = (await put('set', '1')).json<{ revision: number }>();
    return [{ url: `/api/v1/changes/${revision}/rollback`, payload: {} }];
  },
  'GET /api/v1/config/{key}/history': async () => {
    await put('a', '4');
    return [{ url: '/api/v1/config/a/history' }, { url: '/api/v1/config/a/history?limit=1&reveal=true' }];
  },
  'POST /api/v1/config/{key}/rollback': async () => {
    await put('a', '5');
    return [{ url: '/api/v1/config/a/rollback', payload: { reason: 'wrong' } }];
  },
  'GET /api/v1/diff': async () => {
    const { revision } = (await put('b', '1')).json<{ revision: number }>();
    await put('b', '2');
    await put('c', '1');
    return [{ url: `/api/v1/diff?from=${revision}` }];
  },
  'GET /api/v1/head': async () => [{ url: '/api/v1/head' }],
  'GET /api/v1/snapshot': async () => {
    const { revision } = (await put('a', '6')).json<{ revision: number }>();
    return [{ url: '/api/v1/snapshot' }, { url: `/api/v1/snapshot?at=${revision}` }];
  },
  'POST /api/v1/restore': async () => [
    { url: '/api/v1/restore', payload: { reason: 'emptied' } },
    { url: '/api/v1/restore', payload: { accept_loss: true } },
    { url: '/api/v1/restore', payload: { from: 'trail' } },
  ],
  'GET /api/v1/settings': async () => [{ url: '/api/v1/settings' }],
  'POST /api/v1/settings': async () => [{ url: '/api/v1/settings', payload: REGISTRATION }],
  'GET /api/v1/audit': async () => {
    await put('a', '7');
    return [{ url: '/api/v1/audit' }, { url: '/api/v1/audit?limit=1' }];
  },
  'GET /api/v1/audit/export': async () => [
    { url: '/api/v1/audit/export' },
    { url: '/api/v1/audit/export?format=jsonl' },
  ],
  'GET /api/v1/audit/verify': async () => [{ url: '/api/v1/audit/verify' }],
  'POST /api/v1/audit/verify': async () => {
    const head = (await ask({ url: '/api/v1/audit/head' })).json<object>();
    return [
      { url: '/api/v1/audit/verify', payload: { head } },
      { url: '/api/v1/audit/verify', payload: { head: { ...head, signature: 'forged' } } },
    ];
  },
  'GET /api/v1/keys': async () => [{ url: '/api/v1/keys' }],
  'POST /api/v1/keys': async () => [
    { url: '/api/v1/keys', payload: { name: 'forwarder', role: 'viewer', key_patterns: ['moog_*'] } },
    { url: '/api/v1/keys', payload: { name: 'short', role: 'viewer', expires_at: '2999-01-01T00:00:00Z' } },
  ],
  'DELETE /api/v1/keys/{id}': async () => {
    const payload = { name: 'gone', role: 'viewer' };
    const { id } = (await ask({ method: 'POST', url: '/api/v1/keys', payload })).json<{ id: string }>();
    return [{ url: `/api/v1/keys/${id}` }];
  },
  'GET /api/v1/users': async () => {
    await newUser('listed');
    return [{ url: '/api/v1/users' }];
  },
  'POST /api/v1/users': async () => [
    { url: '/api/v1/users', payload: { name: 'made', password: PASSWORD, role: 'editor', key_patterns: ['a*'] } },
  ],
  'PATCH /api/v1/users/{name}': async () => {
    await newUser('changed');
    return [{ url: '/api/v1/users/changed', payload: { role: 'editor', disabled: true } }];
  },
  'DELETE /api/v1/users/{name}': async () => {
    await newUser('deleted');
    return [{ url: '/api/v1/users/deleted' }];
  },
  'POST /api/v1/session': async () => {
    await newUser('signing-in');
    return [{ url: '/api/v1/session', payload: { username: 'signing-in', password: PASSWORD } }];
  },
  'GET /api/v1/session': async () => [
    { url: '/api/v1/session' },
    { url: '/api/v1/session', headers: await signedIn('asking'), asKey: false },
  ],
  'DELETE /api/v1/session': async () => [{ url: '/api/v1/session', headers: await signedIn('leaving'), asKey: false }],
  'POST /api/v1/session/password': async () => [
    {
      url: '/api/v1/session/password',
      headers: await signedIn('careful'),
      payload: { current_password: PASSWORD, new_password: `${PASSWORD}, too` },
      asKey: false,
    },
  ],
  'GET /api/v1/sessions': async () => {
    await signedIn('seen');
    return [{ url: '/api/v1/sessions' }];
  },
  'DELETE /api/v1/sessions/{id}': async () => {
    await signedIn('ended');
    const { sessions } = (await ask({ url: '/api/v1/sessions' })).json<{ sessions: { id: string; user: string }[] }>();
    return [{ url: `/api/v1/sessions/${sessions.find(({ user }) => user === 'ended')?.id}` }];
  },
  'GET /api/v1/webhooks': async () => {
    await newWebhook();
    return [{ url: '/api/v1/webhooks' }];
  },
  'POST /api/v1/webhooks': async () => [{ url: '/api/v1/webhooks', payload: { url: HOOK } }],
  'GET /api/v1/webhooks/{id}': async () => [{ url: `/api/v1/webhooks/${await newWebhook()}` }],
  'PATCH /api/v1/webhooks/{id}': async () => [
    { url: `/api/v1/webhooks/${await newWebhook()}`, payload: { enabled: false } },
  ],
  'DELETE /api/v1/webhooks/{id}': async () => [{ url: `/api/v1/webhooks/${await newWebhook()}` }],
  'GET /api/v1/webhooks/{id}/deliveries': async () => [{ url: `/api/v1/webhooks/${await newWebhook()}/deliveries` }],
  'POST /api/v1/webhooks/{id}/test': async () => [{ url: `/api/v1/webhooks/${await newWebhook()}/test` }],
  'GET /api/v1/audit/head': async () => [{ url: '/api/v1/audit/head' }],
};

/** Answered for as long as the client likes: `events-routes.test.ts` looks at it. */
const STREAMS = ['GET /api/v1/events'];

describe('the document', () => {
  it('has every route that there is, with what it is for', () => {
    const shown = document.routes.map(({ method, path }) => `${method} ${path}`);
    const isShown = (route: string): boolean => {
      const [method = '', path = ''] = route.split(' ');
      return method !== 'HEAD' && !NOT_DOCUMENTED.test(path);
    };
    expect(shown.toSorted()).toEqual([...served].filter(isShown).toSorted());
    const unexplained = document.routes.filter(({ summary, tags }) => summary === undefined || tags.length !== 1);
    expect(unexplained.map(({ path }) => path)).toEqual([]);
  });

  it('says of each route how it answers when all is well, and how errors look', () => {
    for (const { method, path, responses } of document.routes) {
      const statuses = Object.keys(responses);
      expect([method, path, statuses.some((status) => /^2\d\d$/.test(status))]).toEqual([method, path, true]);
      expect([method, path, ...statuses]).toEqual(expect.arrayContaining(['4XX', '5XX']));
      expect(JSON.stringify(responses['4XX'])).toContain('#/components/schemas/Error');
    }
  });

  it('says who is asked for a key, and who is not', () => {
    const { paths, security, components } = document.json as unknown as {
      paths: Record<string, { get?: { security?: object[] } }>;
      security: object[];
      components: { securitySchemes: object };
    };
    expect(security).toEqual([{ apiKey: [] }, { session: [] }]);
    expect(components.securitySchemes).toMatchObject({ apiKey: { name: 'X-API-Key' }, session: { in: 'cookie' } });
    expect(paths['/healthz']?.get?.security).toEqual([]);
    expect(paths['/api/v1/config']?.get?.security).toBeUndefined();
  });

  it('is OpenAPI 3.1, for everybody', async () => {
    const response = await server.app.inject('/openapi.json');
    expect([response.statusCode, response.json()]).toMatchObject([200, { openapi: '3.1.1' }]);
  });
});

describe('each route', () => {
  it('answers as documented, when all is well and when it is not', async () => {
    for (const route of document.routes) {
      const name = `${route.method} ${route.path}`;
      if (STREAMS.includes(name)) continue;
      const calls = CALLS[name];
      expect(calls, `How is ${name} to be called? Say so in CALLS.`).toBeDefined();
      for (const call of (await calls?.()) ?? []) {
        const reply = await ask({ method: route.method, ...call });
        expect([name, reply.statusCode < 400, reply.statusCode, document.problemsWith(route, reply)]).toEqual([
          name,
          true,
          reply.statusCode,
          [],
        ]);
      }
      if (/^\/(healthz|readyz|metrics)/.test(route.path)) continue;
      const url = route.path.replaceAll(/\{\w+\}/g, '7');
      const refused = await ask({ method: route.method, url: `${url}?no_such_field=1` });
      expect([name, refused.statusCode, document.problemsWith(route, refused)]).toEqual([name, 400, []]);
      if (route.path === '/api/v1/session' && route.method === 'POST') continue;
      const unknown = await server.app.inject({ method: route.method, url });
      expect([name, unknown.statusCode, document.problemsWith(route, unknown)]).toEqual([name, 401, []]);
    }
  });
});

describe('/docs', () => {
  it('is a page that asks nobody but this server, under a policy that makes sure of it', async () => {
    const { statusCode, headers, body } = await server.app.inject('/docs');
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none';.*script-src 'self';.*frame-ancestors 'none'/,
    );
    const parts = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
    expect(parts.length).toBeGreaterThan(3);
    for (const url of parts) {
      expect(url).toMatch(/^\/docs\/static\//);
      expect([url, (await server.app.inject(url)).statusCode]).toEqual([url, 200]);
    }
    expect(body).not.toMatch(/<script>|<style>| on\w+=/);
  });
});
