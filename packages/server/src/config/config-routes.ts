import {
  assertKey,
  forcedReason,
  formatValue,
  KeyNotFoundError,
  MAX_VALUE_BYTES,
  SECRET_MASK,
} from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { authorOf } from '../auth/authenticate.ts';
import { RequestError } from '../errors.ts';
import { deleteOnce } from './delete-once.ts';
import { entryJson } from './json-shapes.ts';
import { NamespaceTag } from './namespace-tag.ts';
import { expectedRevision, hasAlready, revisionTag } from './preconditions.ts';
import { commitOnce, requestIdOf } from './request-id.ts';
import { deleteBody, keyParams, setBody, shownQuery } from './request-schemas.ts';
import { toValueInput } from './request-value.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';

/** The largest value, where JSON writes each of its bytes as `\u0000`, and the rest of the body. */
const BODY_LIMIT = 6 * MAX_VALUE_BYTES + 64 * 1024;

/** `/api/v1/config`: under it there are only keys. */
export function configRoutes(config: DynamicConfig, declared: DeclaredSettings): FastifyPluginAsyncZod {
  const tag = new NamespaceTag(config);
  const maskedKeys = async ({ reveal }: { reveal?: string | undefined }): Promise<ReadonlySet<string>> =>
    reveal === 'true' ? new Set() : declared.secretKeys();
  return async (app) => {
    app.get('/api/v1/config', { schema: { querystring: shownQuery } }, async (request, reply) => {
      const masked = await maskedKeys(request.query);
      const current = tag.current(masked);
      reply.header('etag', current);
      if (hasAlready(request.headers, current)) return reply.code(304).send();
      const values = masking(config.getAll(), masked);
      return { config: values, count: Object.keys(values).length, revision: config.head.revision };
    });

    const keySchema = { params: keyParams, querystring: shownQuery };
    app.get('/api/v1/config/:key', { schema: keySchema }, async (request, reply) => {
      const { key } = request.params;
      assertKey(key);
      const entry = config.entry(key);
      if (entry === undefined) throw new KeyNotFoundError(key);
      reply.header('etag', revisionTag(entry.revision));
      const isMasked = (await maskedKeys(request.query)).has(key);
      return { key, ...entryJson(isMasked ? { ...entry, value: SECRET_MASK } : entry) };
    });

    app.put(
      '/api/v1/config/:key',
      { schema: { params: keyParams, body: setBody }, bodyLimit: BODY_LIMIT },
      async (request, reply) => {
        const { key } = request.params;
        assertKey(key);
        const { value, reason, force = false } = request.body ?? {};
        if (value === undefined || value === null)
          throw new RequestError('request_invalid', "Missing 'value' in request");
        const requestId = requestIdOf(request.headers);
        const input = toValueInput(key, value);
        const notices = await declared.check([{ key, value: formatValue(key, input) }], force);
        const options = {
          reason: force ? forcedReason(reason) : (reason ?? undefined),
          changedBy: authorOf(request),
          ifRevision: expectedRevision(request.headers),
          requestId,
          correlationId: request.id,
        };
        const { revision, changes } = await commitOnce(requestId, () => config.set(key, input, options));
        reply.header('etag', revisionTag(revision));
        const message = 'Configuration updated successfully';
        const isMasked = (await declared.secretKeys()).has(key);
        const stored = isMasked ? SECRET_MASK : changes[0]?.value;
        return { key, value: stored, message, revision, ...(notices.length > 0 && { notices }) };
      },
    );

    app.delete('/api/v1/config/:key', { schema: { params: keyParams, body: deleteBody } }, async (request) => {
      const { key } = request.params;
      const requestId = requestIdOf(request.headers);
      const options = {
        reason: request.body?.reason ?? undefined,
        changedBy: authorOf(request),
        ifRevision: expectedRevision(request.headers),
        requestId,
        correlationId: request.id,
      };
      const { revision } = await commitOnce(requestId, () => deleteOnce(config, key, options));
      return { message: `Configuration deleted: ${key}`, revision };
    });
  };
}

/** Values by key, with those of the masked keys not shown. */
function masking(
  values: Readonly<Record<string, string>>,
  masked: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  if (masked.size === 0) return values;
  const shown = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(values)) shown[key] = masked.has(key) ? SECRET_MASK : value;
  return shown;
}
