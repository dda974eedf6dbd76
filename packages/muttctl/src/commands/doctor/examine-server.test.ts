import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { examineServer } from './examine-server.ts';

/** Answers by path; a text is sent as it is. */
type Answers = Readonly<Record<string, readonly [status: number, body: string | object]>>;

const READY = { status: 'ready', state: 'live', components: { store: { status: 'up' }, audit: { status: 'up' } } };
const HEAD = { epoch: 'e', revision: 7, hash: 'h' };
const METRICS = `mutt_propagation_seconds_bucket{le="0.001"} 60
mutt_propagation_seconds_bucket{le="0.005"} 99
mutt_propagation_seconds_bucket{le="+Inf"} 100
`;

const OVERVIEW = {
  keys: 1,
  invalid: { count: 0, values: [] },
  drift: { out_of_band: 0 },
  audit: { backlog: 0, gaps: 0 },
  problems: [],
};

const HEALTHY: Answers = {
  '/healthz': [200, { status: 'up' }],
  '/readyz': [200, READY],
  '/metrics': [200, METRICS],
  '/api/v1/head': [200, HEAD],
  '/api/v1/events': [200, 'id: e:7\nevent: connected\ndata: {}\n\n'],
  '/api/v1/audit?limit=1': [200, { records: [] }],
  '/api/v1/overview': [200, OVERVIEW],
  '/api/v1/snapshot': [200, { ...HEAD, entries: { a: { value: '1', revision: 7 } } }],
  '/api/v1/snapshot?at=e:7': [200, { ...HEAD, entries: { a: { value: '1', revision: 7 } } }],
  '/api/v1/webhooks': [200, { webhooks: [{ id: 'w', url: 'https://x.test/', state: 'enabled', waiting: null }] }],
};

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** What is found at a server that answers so: `<severity>: <what>`, by check. */
async function found(answers: Answers): Promise<Readonly<Record<string, string>>> {
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, { error: 'There is no such thing.' }];
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = { kind: 'server', url: location, location, namedBy: '--url', prefix: undefined, apiKey: 'k' } as const;
  const findings = await examineServer(target);
  return Object.fromEntries(findings.map(({ check, severity, what }) => [check, `${severity}: ${what}`]));
}

/** The server itself finds something wrong. */
const withProblem = (code: string, severity: string): Answers => ({
  '/api/v1/overview': [200, { ...OVERVIEW, problems: [{ code, severity, sentence: 'So it is.', what_to_do: 'Act.' }] }],
});

describe('the examination of a server', () => {
  it('looks at everything, and finds nothing where all is well', async () => {
    const { latency, events, ...others } = await found(HEALTHY);
    expect([latency, events]).toEqual([
      expect.stringMatching(/^ok: A request takes \d/) as string,
      expect.stringMatching(/^ok: An event stream has its first event after \d/) as string,
    ]);
    expect(others).toEqual({
      reach: expect.stringMatching(/^ok: The server answers/) as string,
      ready: 'ok: The server is proven current.',
      access: 'ok: The API key is accepted.',
      clock: expect.stringMatching(/^ok: /) as string,
      'set-to-seen':
        'ok: Of 100 change sets since it started, the server served half within 1 ms of their commit, and 99 % within 5 ms.',
      audit: 'ok: The audit trail answers.',
      'audit-backlog': 'ok: Waiting for the audit trail: 0 change sets.',
      values: 'ok: 1 value, none of which its setting refuses.',
      'out-of-band': 'ok: Nothing was written directly to the store in the last 24 hours.',
      drift: 'ok: Every value is as the audit trail says.',
      webhooks: 'ok: 1 webhook, none of which fails.',
    });
  });

  it.each<[string, Answers, string, RegExp]>([
    ['a store out of reach', { '/readyz': [503, { error: 'It is gone.' }] }, 'ready', /^problem: It is gone\.$/],
    ['an alarm', { '/readyz': [200, { ...READY, alarm: 'store_emptied' }] }, 'alarm', /^problem: .*store_emptied/],
    [
      'a database that is down',
      { '/readyz': [200, { ...READY, components: { database: { status: 'down', message: 'It is down.' } } }] },
      'database',
      /^problem: It is down\.$/,
    ],
    [
      'an audit trail that cannot be written',
      withProblem('audit_behind', 'critical'),
      'audit-backlog',
      /^problem: So it is\.$/,
    ],
    ['gaps in the trail', withProblem('audit_gaps', 'warning'), 'audit-gaps', /^warning: So it is\.$/],
    ['direct writes', withProblem('written_directly', 'warning'), 'out-of-band', /^warning: So it is\.$/],
    ['what is not known here', withProblem('moon_is_down', 'warning'), 'moon-is-down', /^warning: So it is\.$/],
    [
      'invalid values',
      {
        '/api/v1/overview': [
          200,
          {
            ...OVERVIEW,
            invalid: { count: 9, values: ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key, rule: `Not ${key}.` })) },
          },
        ],
      },
      'values',
      /^problem: 9 values refused by what services declare: a, b, c, d, e and 4 more\. Not a\.$/,
    ],
    [
      'changes that are seen late',
      { '/metrics': [200, METRICS.replaceAll('"0.00', '"5.00')] },
      'set-to-seen',
      /^warning: .*half within 5.001 s/,
    ],
    ['events that are held back', { '/api/v1/events': [200, ': nothing'] }, 'events', /^problem: No event arrives/],
    ['no room for streams', { '/api/v1/events': [503, {}] }, 'events', /^problem: The server opens no event stream/],
    [
      'a webhook that was given up',
      { '/api/v1/webhooks': [200, { webhooks: [{ id: 'w', url: 'https://x.test/t0ken', state: 'failing' }] }] },
      'webhooks',
      /^problem: The webhook to x\.test was given up/,
    ],
    [
      'a value that the trail knows otherwise',
      { '/api/v1/snapshot?at=e:7': [200, { ...HEAD, entries: { a: { value: '0', revision: 7 } } }] },
      'drift',
      /^warning: One value is not as the audit trail says: a\.$/,
    ],
    [
      'a deletion that nobody recorded',
      { '/api/v1/snapshot': [200, { ...HEAD, entries: {} }] },
      'drift',
      /^warning: One value is not as the audit trail says: a\.$/,
    ],
  ])('finds %s', async (_, answers, check, expected) => {
    expect((await found({ ...HEALTHY, ...answers }))[check]).toMatch(expected);
  });

  it.each<[string, Answers, string]>([
    ['drift', { '/api/v1/snapshot?at=e:7': [404, {}] }, 'could not be compared'],
    ['webhooks', { '/api/v1/webhooks': [403, {}] }, 'for admins'],
    ['overview', { '/api/v1/overview': [403, {}] }, 'does not tell'],
    ['set-to-seen', { '/metrics': [403, {}] }, 'is not told'],
    ['audit-backlog', { '/api/v1/overview': [200, { ...OVERVIEW, audit: null }] }, 'is not known'],
  ])('says of %s that it may not be looked at', async (check, answers, expected) => {
    const finding = (await found({ ...HEALTHY, ...answers }))[check];
    expect(finding).toMatch(/^unknown: /);
    expect(finding).toContain(expected);
  });

  it('takes neither a masked secret nor a key from before the trail for drift', async () => {
    const { drift } = await found({
      ...HEALTHY,
      '/api/v1/snapshot': [200, { ...HEAD, entries: { old: { value: '1', revision: 3 } } }],
      '/api/v1/snapshot?at=e:7': [200, { ...HEAD, entries: { password: { value: '••••••', revision: 7 } } }],
    });
    expect(drift).toMatch(/^ok: /);
  });
});
