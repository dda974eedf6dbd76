import { fastifySwaggerUi } from '@fastify/swagger-ui';
import type { FastifyInstance, RouteOptions } from 'fastify';

/** The page shows what it brings along, and asks this server only. Its style sheets are in part in its script. */
const PAGE_POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json`, and `/docs` for people. For everybody: they say what is in the source, and nothing of this server. */
export async function openapiRoutes(app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', (route: RouteOptions) => {
    route.config = { ...route.config, isPublic: true };
    route.logLevel = 'warn';
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: PAGE_POLICY,
    theme: { title: 'MUTT: the API' },
    uiConfig: { url: '/openapi.json', docExpansion: 'list', persistAuthorization: false },
  });
}
