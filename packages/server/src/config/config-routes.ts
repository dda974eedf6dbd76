import { assertKey, forcedReason, KeyNotFoundError, MAX_VALUE_BYTES, SECRET_MASK } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Reveals } from '../audit/reveals.ts';
import { authorOf, principalOf } from '../auth/authenticate.ts';
import { readerOf } from '../auth/reader-of.ts';
import { assertMayChange, visibilityOf } from '../auth/visibility.ts';
import { RequestError } from '../errors.ts';
import { deleteKey, getKey, listKeys, putKey } from './config-replies.ts';
import { deleteOnce } from './delete-once.ts';
import { entryJson } from './json-shapes.ts';
import { NamespaceTag } from './namespace-tag.ts';
import { expectedRevision, hasAlready, revisionTag } from './preconditions.ts';
import type { ReasonRule } from './reason-rule.ts';
import { commitOnce, requestIdOf } from './request-id.ts';
import { deleteBody, keyParams, setBody, shownQuery } from './request-schemas.ts';
import { seenValues } from './seen-json.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';

/** The largest value, where JSON writes each of its bytes as `\u0000`, and the rest of the body. */
const BODY_LIMIT = 6 * MAX_VALUE_BYTES + 64 * 1024;

export interface ConfigRoutesOptions {
  readonly config: DynamicConfig;
  readonly declared: DeclaredSettings;
  readonly reasonOf: ReasonRule;
  readonly reveals: Reveals;
}

/** `/api/v1/config`: under it there are only keys. */
export function configRoutes({ config, declared, reasonOf, reveals }: ConfigRoutesOptions): FastifyPluginAsyncZod {
  const tag = new NamespaceTag(config);
  return async (app) => {
    app.get('/api/v1/config', { schema: { ...listKeys, querystring: shownQuery } }, async (request, reply) => {
      const reader = readerOf(request, request.query);
      const secretKeys = await declared.secretKeys();
      const current = tag.current(reader, secretKeys);
      reply.header('etag', current);
      if (hasAlready(request.headers, current)) return reply.code(304).send();
      const values = seenValues(config.getAll(), visibilityOf(reader, secretKeys));
      await reveals.record(request, request.query.reveal, Object.keys(values));
      return { config: values, count: Object.keys(values).length, revision: config.head.revision };
    });

    const keySchema = { ...getKey, params: keyParams, querystring: shownQuery };
    app.get('/api/v1/config/:key', { schema: keySchema }, async (request, reply) => {
      const { key } = request.params;
      assertKey(key);
      const visibility = visibilityOf(readerOf(request, request.query), await declared.secretKeys())(key);
      const entry = config.entry(key);
      if (entry === undefined || visibility === 'absent') throw new KeyNotFoundError(key);
      await reveals.record(request, request.query.reveal, [key]);
      reply.header('etag', revisionTag(entry.revision));
      return { key, ...entryJson(visibility === 'masked' ? { ...entry, value: SECRET_MASK } : entry) };
    });

    app.put(
      '/api/v1/config/:key',
      { schema: { ...putKey, params: keyParams, body: setBody }, bodyLimit: BODY_LIMIT },
      async (request, reply) => {
        const { key } = request.params;
        assertKey(key);
        assertMayChange(principalOf(request), [key]);
        const { value, reason, force = false } = request.body ?? {};
        if (value === undefined || value === null)
          throw new RequestError('request_invalid', "Missing 'value' in request");
        const why = reasonOf(reason);
        const requestId = requestIdOf(request.headers);
        const { text } = await declared.textOf(key, value);
        const notices = await declared.check([{ key, value: text }], force);
        const options = {
          reason: force ? forcedReason(why) : why,
          changedBy: authorOf(request),
          ifRevision: expectedRevision(request.headers),
          requestId,
          correlationId: request.id,
        };
        const { revision, changes } = await commitOnce(requestId, () => config.set(key, text, options));
        reply.header('etag', revisionTag(revision));
        const message = 'Configuration updated successfully';
        const isMasked = (await declared.secretKeys()).has(key);
        const stored = isMasked ? SECRET_MASK : changes[0]?.value;
        return { key, value: stored, message, revision, ...(notices.length > 0 && { notices }) };
      },
    );

    app.delete(
      '/api/v1/config/:key',
      { schema: { ...deleteKey, params: keyParams, body: deleteBody } },
      async (request) => {
        const { key } = request.params;
        assertMayChange(principalOf(request), [key]);
        const requestId = requestIdOf(request.headers);
        const options = {
          reason: reasonOf(request.body?.reason),
          changedBy: authorOf(request),
          ifRevision: expectedRevision(request.headers),
          requestId,
          correlationId: request.id,
        };
        const { revision } = await commitOnce(requestId, () => deleteOnce(config, key, options));
        return { message: `Configuration deleted: ${key}`, revision };
      },
    );
  };
}
