import type { DynamicConfig, Listeners } from '@mutt/dynamic-config';
import { fastify, LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { AuditLog } from './audit/audit-log.ts';
import { auditRoutes } from './audit/audit-routes.ts';
import { Reveals } from './audit/reveals.ts';
import type { Access } from './auth/access.ts';
import type { AccessList } from './auth/access-list.ts';
import { accessRoutes } from './auth/access-routes.ts';
import { Gate, senderOf } from './auth/authenticate.ts';
import { KnownHosts } from './auth/known-hosts.ts';
import type { KnownHostsOptions } from './auth/known-hosts.ts';
import { changesRoutes } from './config/changes-routes.ts';
import { configRoutes } from './config/config-routes.ts';
import { entriesRoutes } from './config/entries-routes.ts';
import { EntryProblems } from './config/entry-problems.ts';
import { reasonRule } from './config/reason-rule.ts';
import { replicaRoutes } from './config/replica-routes.ts';
import { correlationIdOf } from './correlation-id.ts';
import { sendError } from './error-reply.ts';
import { RequestError } from './errors.ts';
import { EventHub } from './events/event-hub.ts';
import { eventsRoutes } from './events/events-routes.ts';
import type { ComponentCheck } from './health/component-check.ts';
import { healthRoutes } from './health/health-routes.ts';
import { storeCheck } from './health/store-check.ts';
import { History } from './history/history.ts';
import { historyRoutes, pastSnapshot } from './history/history-routes.ts';
import { instancesRoutes } from './instances/instances-routes.ts';
import { readJsonBodies } from './json-body.ts';
import { answerMalformedHttp } from './malformed-http.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { observeRequests } from './observe-requests.ts';
import { documentRoutes } from './openapi/openapi.ts';
import { openapiRoutes } from './openapi/openapi-routes.ts';
import type { UnknownKeys } from './options.ts';
import { overviewRoutes } from './overview/overview-routes.ts';
import { RateLimit } from './rate-limit.ts';
import { restoreRoutes } from './restore/restore-routes.ts';
import { securityHeaders } from './security-headers.ts';
import { DeclaredSettings } from './settings/declared-settings.ts';
import { settingsRoutes } from './settings/settings-routes.ts';
import { wallClock } from './wall-clock.ts';
import type { WallClock } from './wall-clock.ts';
import { webUiRoutes } from './web-ui/web-ui-routes.ts';
import { webhooks } from './webhooks/webhooks.ts';

export interface AppOptions {
  /** The replica that the server reads from, and writes through. */
  readonly config: DynamicConfig;
  /** Who is let in; with `Access`, over HTTP it can be changed who is. */
  readonly access: Access | { readonly list: AccessList };
  /** Left out where there is no database: then there is no audit trail to ask. */
  readonly audit?: AuditLog;
  readonly logger: FastifyBaseLogger;
  /** Whether keys that no service declares may be set. Default `allow`. */
  readonly unknownKeys?: UnknownKeys;
  /** Under which names browsers may know it. */
  readonly hosts?: KnownHostsOptions;
  /** Addresses of the proxies whose `X-Forwarded-For` counts. Default: none. */
  readonly trustProxy?: readonly string[];
  /** Every change needs a reason. Default false. */
  readonly requireReason?: boolean;
  readonly clock?: WallClock;
  /** Whether webhooks may be sent to addresses that are not public, and by http. Default false. */
  readonly allowPrivateWebhooks?: boolean;
  /** The most event streams that may be open. Default 10,000. */
  readonly mostStreams?: number | undefined;
  /** The most requests of one API key or user in a second, on average. Default 1,000. */
  readonly rateLimit?: number | undefined;
  /** Whether `/metrics` is answered without an API key. */
  readonly metricsPublic?: boolean | undefined;
  /** Whether `/metrics` tells of the process, too. */
  readonly hasProcessMetrics?: boolean;
  /** The folder of the built web UI; left out: there is none. */
  readonly webUi?: string;
  /** Who listens to the store itself; left out where nobody can but this server. */
  readonly listeners?: (() => Promise<Listeners>) | undefined;
  /** What `/readyz` looks at, beside the store. */
  readonly checks?: readonly ComponentCheck[];
}

const DEFAULT_RATE_LIMIT = 1_000;
/** How long a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Far above what a key needs, percent-encoded, so that a key too long is told the rule for keys. */
const MAX_PARAM_LENGTH = 4_096;

/** The HTTP API, not yet listening. */
export function buildApp(options: AppOptions): FastifyInstance {
  const {
    config,
    access,
    audit,
    logger,
    unknownKeys = 'allow',
    trustProxy = [],
    requireReason = false,
    allowPrivateWebhooks = false,
    clock = wallClock,
  } = options;
  const { rateLimit = DEFAULT_RATE_LIMIT, mostStreams, metricsPublic = false, checks = [] } = options;
  const isHttps = options.hosts?.publicUrl?.startsWith('https:') === true;
  const headers = { ...securityHeaders({ isHttps }), 'cache-control': 'no-cache' };
  const hosts = new KnownHosts(options.hosts);
  const gate = new Gate({ list: access.list, hosts, clock });
  const reasonOf = reasonRule(requireReason);
  const app = fastify({
    loggerInstance: logger,
    genReqId: correlationIdOf,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request would cost more than the look-up that most of them are for: lines name their request.
    childLoggerFactory: (parent, _, { level }) => (level === undefined ? parent : parent.child({}, { level })),
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // While it shuts down, a request that is already here gets its answer.
    return503OnClosing: false,
    clientErrorHandler: answerMalformedHttp,
    trustProxy: trustProxy.length > 0 && [...trustProxy],
    // What the router itself refuses passes no hooks.
    frameworkErrors(error, request, reply) {
      reply.headers(headers);
      try {
        gate.letIn(request);
        void sendError(error, request, reply);
      } catch (denied) {
        void sendError(denied, request, reply);
      }
    },
  });
  const declared = new DeclaredSettings({ config, unknownKeys });
  const hub = new EventHub({
    config,
    logger,
    secretKeys: () => declared.secretKeys(),
    mostStreams,
    now: () => clock.now(),
  });
  const metrics = new ServerMetrics({ config, hub, auditBacklog: audit && (() => audit.feed.status.backlog) });
  if (options.hasProcessMetrics === true) metrics.watchProcess();
  // Whatever a key or session holds open ends with it.
  const stopWatching = access.list.onRevoked((grantId) => hub.closeStreamsOf(grantId));

  app.setValidatorCompiler(validatorCompiler);
  // What replies look like is checked by tests, not as they are made.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request) => {
    throw new RequestError('not_found', `There is no ${request.method} ${pathOf(request.url)} here.`);
  });
  readJsonBodies(app);
  const limit = new RateLimit({ perSecond: rateLimit, now: () => performance.now() });
  // With callbacks: what is here is done for every request, and promises would cost more than all of it.
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-correlation-id', request.id);
    gate.letIn(request);
    const sender = senderOf(request);
    if (sender !== null) limit.take(sender.id);
    done();
  });
  observeRequests(app, logger, metrics.requests);
  // So that it is known by the time that the store may be out of reach.
  app.addHook('onReady', async () => {
    await declared.secretKeys().catch((error: unknown) => logger.warn({ err: error }, 'Declared settings are unknown'));
  });
  app.addHook('preClose', async () => hub.close());
  app.addHook('onClose', async () => {
    stopWatching();
    metrics.close();
  });

  documentRoutes(app);
  const reveals = new Reveals({ audit, declared, clock });
  const problems = new EntryProblems();
  const allChecks = [storeCheck(config), ...checks];
  void app.register(healthRoutes(config, allChecks));
  void app.register(metricsRoutes({ metrics, isPublic: metricsPublic }));
  void app.register(configRoutes({ config, declared, reasonOf, reveals }));
  void app.register(entriesRoutes({ config, declared, problems }));
  void app.register(changesRoutes({ config, hub, declared, reasonOf }));
  const history = audit === undefined ? undefined : new History(config, audit);
  void app.register(replicaRoutes({ config, declared, past: history && pastSnapshot({ history, declared, reveals }) }));
  void app.register(restoreRoutes({ config, reasonOf, history }));
  void app.register(settingsRoutes(declared));
  void app.register(eventsRoutes(hub));
  void app.register(instancesRoutes({ hub, listeners: options.listeners, clock }));
  if (audit !== undefined) {
    void app.register(auditRoutes({ audit, declared, reveals }));
    void app.register(webhooks({ audit, config, declared, logger, allowPrivate: allowPrivateWebhooks }));
  }
  void app.register(overviewRoutes({ config, declared, problems, audit, checks: allChecks, clock }));
  if (history !== undefined) void app.register(historyRoutes({ config, history, declared, reasonOf, reveals }));
  if ('keys' in access) void app.register(accessRoutes({ access, hosts, clock }));
  if (options.webUi !== undefined) void app.register(webUiRoutes(options.webUi));
  void app.register(openapiRoutes);
  return app;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]?.slice(0, 200) ?? '';
}
