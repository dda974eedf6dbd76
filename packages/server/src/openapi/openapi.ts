import { fastifySwagger } from '@fastify/swagger';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorReply } from './error-schema.ts';
import { TAGS } from './operation.ts';

// The provider's own override takes branches of a union for empty that are only not made yet.
const zodToJsonConfig = { override: () => {} };
const jsonSchemaTransform = createJsonSchemaTransform({ zodToJsonConfig });
const jsonSchemaTransformObject = createJsonSchemaTransformObject({ zodToJsonConfig });

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>;

const SECURITY_SCHEMES = {
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'For programs.' },
  session: { type: 'apiKey', in: 'cookie', name: '__Host-mutt_session', description: 'For people, in a browser.' },
} as const;

const DESCRIPTION = `Settings that change while everything runs. JSON in UTF-8; every error has the same shape.

A request is answered with its correlation id, in the header X-Correlation-ID; it may bring one.`;

/**
 * Documents the routes that are registered from now on, by the schemas that validate. What a route does not say it
 * takes in its query is refused.
 */
export function documentRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', refuseUnknownQuery);
  void app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.1',
      info: { title: 'MUTT dynamic configuration', version: '1', description: DESCRIPTION },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: SECURITY_SCHEMES },
      security: [{ apiKey: [] }, { session: [] }],
    },
    transform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  });
}

function refuseUnknownQuery(route: RouteOptions): void {
  // Balancers and monitors add to a query what they like.
  const isHealth = route.config?.isPublic === true && route.method !== 'POST';
  if (route.schema?.hide === true || isHealth) return;
  route.schema = { querystring: z.strictObject({}), ...route.schema };
}

const transform: Transform = (document) => {
  const { requestHeaders, response, ...schema } = document.schema ?? {};
  const { config } = document.route;
  const transformed = jsonSchemaTransform({
    ...document,
    schema: {
      ...schema,
      ...(requestHeaders !== undefined && { headers: requestHeaders }),
      response: { ...(response as object | undefined), '4XX': errorReply, '5XX': errorReply },
    },
  });
  return {
    ...transformed,
    schema: { ...transformed.schema, ...(config?.isPublic === true && { security: [] }) },
  };
};

type Document = ReturnType<typeof jsonSchemaTransformObject>;

/** Each named schema is made twice, for requests and for replies. */
function withoutUnused(document: Document): Document {
  if (!('components' in document) || document.components?.schemas === undefined) return document;
  const text = JSON.stringify(document);
  const used = Object.entries(document.components.schemas).filter(([name]) => text.includes(`/schemas/${name}"`));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(used) } } as Document;
}
