import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastifyStatic } from '@fastify/static';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { z } from 'zod';
import { StartupError } from '../startup-error.ts';

/** What the UI calls its pages; below each there is nothing more. */
const PAGES = ['/', '/setting', '/overview', '/activity', '/audit', '/access', '/sign-in'];

/** What the page has where a nonce belongs. */
const NONCE = '%CSP_NONCE%';

/** Its own scripts, its own styles and those that are made with the nonce, its own server; nobody else's frame. */
function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "connect-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * The web UI, for everybody: it holds nothing of this server, and asks the API for all that it shows.
 *
 * @param folder what `vite build` made.
 * @throws StartupError where that is not there.
 */
export function webUiRoutes(folder: string): (app: FastifyInstance) => Promise<void> {
  const page = readPage(folder);
  return async (app) => {
    app.addHook('onRoute', (route: RouteOptions) => {
      route.config = { ...route.config, isPublic: true };
      // A query is the page's own.
      route.schema = { ...route.schema, querystring: z.looseObject({}), hide: true };
      route.logLevel = 'warn';
    });
    // The names of assets change with what is in them.
    await app.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      preCompressed: true,
      immutable: true,
      maxAge: '365d',
      index: false,
      dotfiles: 'deny',
    });
    app.get('/favicon.svg', async (_, reply) =>
      reply.sendFile('favicon.svg', folder, { immutable: false, maxAge: '1d' }),
    );
    for (const path of PAGES) {
      app.get(path, async (_, reply) => {
        const nonce = randomBytes(16).toString('base64url');
        return reply
          .type('text/html; charset=utf-8')
          .headers({
            'cache-control': 'no-store',
            'content-security-policy': pagePolicy(nonce),
            'cross-origin-opener-policy': 'same-origin',
            'permissions-policy': 'camera=(), geolocation=(), microphone=()',
          })
          .send(page.replaceAll(NONCE, nonce));
      });
    }
  };
}

function readPage(folder: string): string {
  try {
    return readFileSync(join(folder, 'index.html'), 'utf8');
  } catch (cause) {
    throw new StartupError(`The web UI is not in ${folder}. Build it with: npm run build`, { cause });
  }
}
