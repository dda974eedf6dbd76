import { isKey } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { selectTrends } from '../audit/audit-trends.ts';
import { principalOf } from '../auth/authenticate.ts';
import { visibilityOf, withoutSecrets } from '../auth/visibility.ts';
import { namedKeys } from '../config/request-schemas.ts';
import { Overview } from './overview.ts';
import type { OverviewOptions } from './overview.ts';
import { getOverview, getTrends } from './overview-replies.ts';

const trendsQuery = z.strictObject({ key: namedKeys });

/** `/api/v1/overview` and `/api/v1/trends`: for people who look how it goes. */
export function overviewRoutes(options: OverviewOptions): FastifyPluginAsyncZod {
  const { declared, audit } = options;
  const overview = new Overview(options);
  return async (app) => {
    app.get('/api/v1/overview', { schema: getOverview }, async (request) => overview.as(principalOf(request)));
    if (audit === undefined) return;
    app.get('/api/v1/trends', { schema: { ...getTrends, querystring: trendsQuery } }, async (request) => {
      const sight = visibilityOf(withoutSecrets(principalOf(request)), await declared.secretKeys());
      const keys = request.query.key.filter((key) => sight(key) === 'shown' && isKey(key));
      const trends = await audit.database.run((db) => selectTrends(db, keys));
      const points = [...trends].map(([key, values]) => [
        key,
        values.map(({ value, changedAtMs }) => ({ value, changed_at: new Date(changedAtMs).toISOString() })),
      ]);
      return { trends: Object.fromEntries(points) as object };
    });
  };
}
