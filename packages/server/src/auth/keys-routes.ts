import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { RequestError } from '../errors.ts';
import type { WallClock } from '../wall-clock.ts';
import type { Access } from './access.ts';
import { createApiKey, listKeysOfApi, revokeApiKey } from './access-replies.ts';
import { idParams, newKeyBody } from './access-schemas.ts';
import type { ApiKey } from './api-key.ts';
import { authorOf, principalOf } from './authenticate.ts';
import { isoTime, rightsJson, toRights } from './rights-json.ts';
import { assertUnlimited } from './unlimited.ts';

/** `/api/v1/keys`: the API keys, by their public ids. */
export function keysRoutes({ list, keys }: Access, clock: Pick<WallClock, 'now'>): FastifyPluginAsyncZod {
  return async (app) => {
    const config = { role: 'admin' } as const;
    app.addHook('onRequest', async (request) => assertUnlimited(request));

    app.get('/api/v1/keys', { config, schema: listKeysOfApi }, async () => {
      const all = list.keys();
      return { keys: all.map(keyJson), count: all.length };
    });

    app.post('/api/v1/keys', { config, schema: { ...createApiKey, body: newKeyBody } }, async (request, reply) => {
      const { name, expires_at: expiresAt, ...rest } = request.body;
      const expiresAtMs = expiresAt == null ? null : Date.parse(expiresAt);
      if (expiresAtMs !== null && expiresAtMs <= clock.now()) {
        throw new RequestError('request_invalid', 'expires_at is in the past: such a key would open nothing.');
      }
      const rights = toRights(rest);
      const { id, key } = await keys.create({ name, ...rights, expiresAtMs, createdBy: authorOf(request) });
      const message = 'This is the only time that the key is shown: keep it.';
      reply.code(201).header('cache-control', 'no-store');
      return { id, key, name, ...rightsJson(rights), expires_at: isoTime(expiresAtMs), message };
    });

    app.delete('/api/v1/keys/:id', { config, schema: { ...revokeApiKey, params: idParams } }, async (request) => {
      const { id } = request.params;
      if (await keys.revoke(id, principalOf(request))) return { message: `API key revoked: ${id}` };
      throw new RequestError('not_found', `There is no API key with the id ${id}.`);
    });
  };
}

function keyJson({ id, name, createdAtMs, createdBy, expiresAtMs, lastUsedAtMs, ...rights }: ApiKey): object {
  return {
    id,
    name,
    ...rightsJson(rights),
    created_at: isoTime(createdAtMs),
    created_by: createdBy,
    expires_at: isoTime(expiresAtMs),
    last_used_at: isoTime(lastUsedAtMs),
  };
}
