import type { DynamicConfig } from '@mutt/dynamic-config';
import { fastify } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { AuditLog } from './audit/audit-log.ts';
import { auditRoutes } from './audit/audit-routes.ts';
import { authenticate } from './auth/authenticate.ts';
import type { Keyring } from './auth/keyring.ts';
import { changesRoutes } from './config/changes-routes.ts';
import { configRoutes } from './config/config-routes.ts';
import { replicaRoutes } from './config/replica-routes.ts';
import { correlationIdOf } from './correlation-id.ts';
import { sendError } from './error-reply.ts';
import { RequestError } from './errors.ts';
import { EventHub } from './events/event-hub.ts';
import { eventsRoutes } from './events/events-routes.ts';
import { healthRoutes } from './health/health-routes.ts';
import { History } from './history/history.ts';
import { historyRoutes, pastSnapshot } from './history/history-routes.ts';
import { readJsonBodies } from './json-body.ts';
import { answerMalformedHttp } from './malformed-http.ts';
import type { UnknownKeys } from './options.ts';
import { restoreRoutes } from './restore/restore-routes.ts';
import { DeclaredSettings } from './settings/declared-settings.ts';
import { settingsRoutes } from './settings/settings-routes.ts';

export interface AppOptions {
  /** The replica that the server reads from, and writes through. */
  readonly config: DynamicConfig;
  readonly keyring: Keyring;
  /** Left out where there is no database: then there is no audit trail to ask. */
  readonly audit?: AuditLog;
  readonly logger: FastifyBaseLogger;
  /** Whether keys that no service declares may be set. Default `allow`. */
  readonly unknownKeys?: UnknownKeys;
}

/** Far above what a key needs, percent-encoded, so that a key too long is told the rule for keys. */
const MAX_PARAM_LENGTH = 4_096;

/** The HTTP API, not yet listening. */
export function buildApp({ config, keyring, audit, logger, unknownKeys = 'allow' }: AppOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: logger,
    genReqId: correlationIdOf,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // While it shuts down, a request that is already here gets its answer.
    return503OnClosing: false,
    clientErrorHandler: answerMalformedHttp,
    // What the router itself refuses passes no hooks.
    frameworkErrors(error, request, reply) {
      try {
        authenticate(keyring, request);
        void sendError(error, request, reply);
      } catch (denied) {
        void sendError(denied, request, reply);
      }
    },
  });
  const hub = new EventHub(config);
  const declared = new DeclaredSettings({ config, unknownKeys });

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request) => {
    throw new RequestError('not_found', `There is no ${request.method} ${pathOf(request.url)} here.`);
  });
  readJsonBodies(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-correlation-id', request.id).header('cache-control', 'no-cache');
    authenticate(keyring, request);
  });
  // So that it is known by the time that the store may be out of reach.
  app.addHook('onReady', async () => {
    await declared.secretKeys().catch((error: unknown) => logger.warn({ err: error }, 'Declared settings are unknown'));
  });
  app.addHook('preClose', async () => hub.close());

  void app.register(healthRoutes(config));
  void app.register(configRoutes(config, declared));
  void app.register(changesRoutes({ config, hub, declared }));
  const history = audit === undefined ? undefined : new History(config, audit);
  void app.register(replicaRoutes(config, history && pastSnapshot({ history, declared })));
  void app.register(restoreRoutes(config, history));
  void app.register(settingsRoutes(declared));
  void app.register(eventsRoutes(hub));
  if (audit !== undefined) void app.register(auditRoutes({ audit, declared }));
  if (history !== undefined) void app.register(historyRoutes({ config, history, declared }));
  return app;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]?.slice(0, 200) ?? '';
}
