import { Readable } from 'node:stream';
import { SECRET_MASK } from '@mutt/dynamic-config';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { principalOf } from '../auth/authenticate.ts';
import { readerOf } from '../auth/reader-of.ts';
import { visibilityOf } from '../auth/visibility.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import { toCsv, toJsonLines } from './audit-export.ts';
import { recordJson, signedHeadJson, verificationJson } from './audit-json.ts';
import type { ShowValue } from './audit-json.ts';
import type { AuditLog } from './audit-log.ts';
import { exportAudit, keysOf, selectAuditPage } from './audit-query.ts';
import type { AuditFilter } from './audit-query.ts';
import { exportTrail, getAuditHead, listAudit, verifyAgainstHead, verifyAudit } from './audit-replies.ts';
import { auditQuery, exportQuery, verifyBody } from './audit-schemas.ts';
import type { Reveals } from './reveals.ts';
import { signHead } from './signed-head.ts';
import type { SignedHead } from './signed-head.ts';
import { verifyAgainst } from './verify-against.ts';

export interface AuditRoutesOptions {
  readonly audit: AuditLog;
  readonly declared: DeclaredSettings;
  readonly reveals: Reveals;
}

/** `/api/v1/audit`: the trail, its proof, and all of it as a file. */
export function auditRoutes({ audit, declared, reveals }: AuditRoutesOptions): FastifyPluginAsyncZod {
  const { database, trail } = audit;
  const showFor = async (request: FastifyRequest, reveal: string | undefined): Promise<ShowValue> => {
    const sight = visibilityOf(readerOf(request, { reveal }), await declared.secretKeys());
    return (key, value) => (sight(key) === 'shown' ? value : SECRET_MASK);
  };
  return async (app) => {
    app.get('/api/v1/audit', { schema: { ...listAudit, querystring: auditQuery } }, async (request) => {
      const { cursor: after, limit, reveal, ...query } = request.query;
      await audit.settle();
      const records = await selectAuditPage(database, filterOf(request, query), { after, limit: limit + 1 });
      const show = await showFor(request, reveal);
      const page = records.slice(0, limit);
      const last = records.length > limit ? page.at(-1) : undefined;
      await reveals.record(
        request,
        reveal,
        page.flatMap(({ key }) => key ?? []),
      );
      return {
        records: page.map((record) => recordJson(record, show)),
        next_cursor: last === undefined ? null : `${last.changedAtMs}-${last.id}`,
      };
    });

    app.get(
      '/api/v1/audit/export',
      { schema: { ...exportTrail, querystring: exportQuery } },
      async (request, reply) => {
        const { format, reveal, ...query } = request.query;
        await audit.settle();
        const show = await showFor(request, reveal);
        const filter = filterOf(request, query);
        if (reveal === 'true') {
          // Which of them the file will hold is not known before it is sent.
          const keys = await database.run((db) => keysOf(db, { ...filter, keys: filter.keys ?? ['*'] }));
          await reveals.record(request, reveal, keys ?? []);
        }
        const records = exportAudit(database, filter);
        const lines = format === 'csv' ? toCsv(records, show) : toJsonLines(records, show);
        const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl; charset=utf-8';
        return reply
          .header('content-type', type)
          .header('content-disposition', `attachment; filename="audit.${format}"`)
          .send(Readable.from(lines, { objectMode: false }));
      },
    );

    app.get('/api/v1/audit/verify', { schema: verifyAudit }, async () => {
      await audit.settle();
      return verificationJson(await audit.verify());
    });

    // It changes nothing.
    app.post(
      '/api/v1/audit/verify',
      { config: { role: 'viewer' }, schema: { ...verifyAgainstHead, body: verifyBody } },
      async (request) => {
        const head = fromSignedHeadJson(request.body.head);
        await audit.settle();
        return verificationJson(await verifyAgainst(database, head));
      },
    );

    app.get('/api/v1/audit/head', { schema: getAuditHead }, async () => {
      await audit.settle();
      return signedHeadJson(await signHead(database, await trail.head(), Date.now()));
    });
  };
}

type Query = Omit<z.infer<typeof exportQuery>, 'format' | 'reveal'>;

function filterOf(request: FastifyRequest, { key, actor, operation, source, from, to, text }: Query): AuditFilter {
  return {
    keys: key,
    visible: principalOf(request).keyPatterns,
    actor,
    operation,
    source,
    fromMs: from,
    toMs: to,
    text,
  };
}

function fromSignedHeadJson(json: z.infer<typeof verifyBody>['head']): SignedHead {
  const { trail_id: trailId, id, hash, signed_at: signedAt, public_key: publicKey, signature } = json;
  return { trailId, id, hash, signedAt, publicKey, signature };
}
