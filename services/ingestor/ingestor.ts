import type { ServiceDefinition } from '../pipeline/run-service.ts';
import { ingestRoutes } from './ingest-routes.ts';
import { IngestorMetrics } from './ingestor-metrics.ts';
import { Intake } from './intake.ts';
import { readOptions } from './options.ts';
import { settings } from './settings.ts';
import { startSyslog } from './syslog/start-syslog.ts';

/** Takes events in, by HTTP and syslog, and puts them into the ingest queue. */
export function ingestor(env: NodeJS.ProcessEnv): ServiceDefinition<typeof settings> {
  return {
    name: 'ingestor',
    defaultPort: 8080,
    settings,
    async start({ config, redis, http, logger, metrics: registry }) {
      const options = readOptions(env);
      const intake = new Intake({ redis, config });
      const metrics = new IngestorMetrics(registry, redis);
      if (options.apiKeys === null) logger.warn('INGEST_OPEN=1: everybody who reaches this port may send events');
      void http.register(ingestRoutes({ intake, apiKeys: options.apiKeys, metrics, logger }));
      const stopSyslog = await startSyslog({ options, intake, metrics, logger });
      return { drain: stopSyslog };
    },
  };
}
