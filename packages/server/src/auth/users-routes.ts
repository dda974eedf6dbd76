import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { RequestError } from '../errors.ts';
import type { Access } from './access.ts';
import type { User } from './access-records.ts';
import { changeUser, createUser, deleteUser, listUsers } from './access-replies.ts';
import { nameParams, newUserBody, userChangeBody } from './access-schemas.ts';
import { authorOf } from './authenticate.ts';
import { isoTime, rightsJson, toRights } from './rights-json.ts';
import { assertUnlimited } from './unlimited.ts';

/** `/api/v1/users`: the people who sign in. */
export function usersRoutes({ list, users }: Access): FastifyPluginAsyncZod {
  return async (app) => {
    const config = { role: 'admin' } as const;
    app.addHook('onRequest', async (request) => assertUnlimited(request));

    app.get('/api/v1/users', { config, schema: listUsers }, async () => {
      const all = list.records.users;
      return { users: all.map(userJson), count: all.length };
    });

    app.post('/api/v1/users', { config, schema: { ...createUser, body: newUserBody } }, async (request, reply) => {
      const { name, password, ...rest } = request.body;
      await users.create({ name, password, ...toRights(rest), createdBy: authorOf(request) });
      reply.code(201);
      return { name, ...rightsJson(toRights(rest)), message: `User created: ${name}` };
    });

    app.patch(
      '/api/v1/users/:name',
      { config, schema: { ...changeUser, params: nameParams, body: userChangeBody } },
      async (request) => {
        const { name } = request.params;
        const { role, key_patterns: keyPatterns, secrets, disabled: isDisabled, password } = request.body;
        const user = await users.change(name, {
          ...(role !== undefined && { role }),
          ...(keyPatterns !== undefined && { keyPatterns }),
          ...(secrets !== undefined && { readsSecrets: secrets }),
          isDisabled,
          password,
        });
        if (user === null) throw noSuchUser(name);
        return { ...userJson(user), message: `User changed: ${name}` };
      },
    );

    app.delete('/api/v1/users/:name', { config, schema: { ...deleteUser, params: nameParams } }, async (request) => {
      const { name } = request.params;
      if (await users.delete(name)) return { message: `User deleted: ${name}` };
      throw noSuchUser(name);
    });
  };
}

function noSuchUser(name: string): RequestError {
  return new RequestError('not_found', `There is no user named ${name}.`);
}

function userJson({ name, isDisabled, createdAtMs, createdBy, ...rights }: User): object {
  return {
    name,
    ...rightsJson(rights),
    disabled: isDisabled,
    created_at: isoTime(createdAtMs),
    created_by: createdBy,
  };
}
