import fc from 'fast-check';
import type { ApiDocument, DocumentedRoute, JsonSchema } from './api-document.ts';

/** A request for a documented route: what it says it takes, or what nobody should send. */
export interface AnyRequest {
  readonly route: DocumentedRoute;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: unknown;
  /** It has a field that the document doesn't know. */
  readonly hasUnknown: boolean;
}

const HOSTILE = [
  '',
  '0',
  '-1',
  '1e400',
  '99999999999999999999',
  '*',
  '**',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '%',
  '\u0000',
  'a\r\nX-Injected: 1',
  '\u202e',
  '\ud800',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '${7*7}',
  '=1+1',
  '2026-06-01T12:00:00Z',
  'e:1',
  'x'.repeat(3_000),
] as const;

const hostileText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }));
const hostileJson = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, 0, -1, 2 ** 53, 1e308, 0.1, [], {}, [[]], { a: { b: [] } }),
  fc.jsonValue({ maxDepth: 3 }),
);
/** Keys that are there, so that not everything ends with a 404. */
const knownKey = fc.constantFrom('a', 'b', 'moog_rate_limit', 'team/mode');

/** What a schema allows, now and then something that it doesn't. */
function valueOf(document: ApiDocument, given: JsonSchema): fc.Arbitrary<unknown> {
  const schema = document.resolve(given);
  return fc.oneof({ weight: 5, arbitrary: allowedBy(document, schema) }, { weight: 1, arbitrary: hostileJson });
}

function allowedBy(document: ApiDocument, schema: JsonSchema): fc.Arbitrary<unknown> {
  const branches = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (branches !== undefined) return fc.oneof(...branches.map((one) => valueOf(document, one)));
  if (schema['const'] !== undefined) return fc.constant(schema['const']);
  if (schema['enum'] !== undefined) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const types = [schema['type'] ?? ['string', 'number', 'boolean']].flat() as string[];
  return fc.oneof(...types.map((type) => typed(document, schema, type)));
}

function typed(document: ApiDocument, schema: JsonSchema, type: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return fc.integer({ min: 0, max: 1_000 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueOf(document, (schema['items'] ?? {}) as JsonSchema), { maxLength: 4 });
    default:
      return objectOf(document, schema);
  }
}

function textOf(schema: JsonSchema): fc.Arbitrary<string> {
  const { pattern, maxLength } = schema;
  const matching = typeof pattern === 'string' ? [fc.stringMatching(new RegExp(pattern))] : [];
  const text = fc.string({ maxLength: Math.min(Number(maxLength ?? 30), 30) });
  return fc.oneof(...matching, knownKey, text);
}

function objectOf(document: ApiDocument, schema: JsonSchema): fc.Arbitrary<unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const fields = Object.entries(properties).map(([name, one]) => [name, valueOf(document, one)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...((schema['required'] ?? []) as string[])] });
}

/** Requests for one route, with a body and a query made from what the document says of them. */
export function anyRequest(document: ApiDocument, route: DocumentedRoute): fc.Arbitrary<AnyRequest> {
  const named = (place: string): DocumentedRoute['parameters'] => route.parameters.filter((one) => one.in === place);
  const text = (schema: JsonSchema): fc.Arbitrary<string> =>
    fc.oneof({ weight: 4, arbitrary: allowedBy(document, schema).map(String) }, { weight: 1, arbitrary: hostileText });
  const params = (place: string): fc.Arbitrary<Record<string, string>> =>
    fc
      .record(Object.fromEntries(named(place).map(({ name, schema }) => [name, text(schema)])), { requiredKeys: [] })
      .map((some) => some as Record<string, string>);
  const path = fc.record(
    Object.fromEntries(named('path').map(({ name, schema }) => [name, fc.oneof(knownKey, text(schema))])),
  );
  return fc
    .record({
      path,
      query: params('query'),
      headers: params('header'),
      body: route.body === null ? fc.constant(undefined) : valueOf(document, route.body),
      unknown: fc.constantFrom('none', 'none', 'none', 'query', 'body'),
    })
    .map(({ path: segments, query, headers, body, unknown }) => {
      const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
      const inBody = unknown === 'body' && isObject;
      const asked = new URLSearchParams(unknown === 'query' ? { ...query, no_such_field: '1' } : query);
      const url = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(segments[name] ?? ''));
      return {
        route,
        url: asked.size === 0 ? url : `${url}?${asked}`,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerText(value)])),
        payload: inBody ? { ...body, no_such_field: 1 } : body,
        hasUnknown: unknown === 'query' || inBody,
      };
    });
}

/** As bytes in a path, whatever it is: a lone surrogate has none. */
function encoded(segment: string): string {
  return segment === '' || segment === '.' || segment === '..' ? 'a' : encodeURIComponent(segment.toWellFormed());
}

/** What Node sends as a header at all. */
function headerText(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}
