import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { ApiKeys } from './api-keys.ts';
import { IngestError, STATUS_OF } from './ingest-error.ts';
import type { IngestErrorCode } from './ingest-error.ts';
import type { IngestorMetrics } from './ingestor-metrics.ts';
import type { Intake } from './intake.ts';
import { MAX_EVENTS, readBatch } from './read-batch.ts';
import { refusalError } from './refusal-error.ts';

interface IngestRoutesOptions {
  readonly intake: Intake;
  /** Null: everybody may send. */
  readonly apiKeys: ApiKeys | null;
  readonly metrics: IngestorMetrics;
  readonly logger: Logger;
}

const BODY_BYTES = 1024 * 1024;
const CORRELATION_ID = /^[\w.:-]{1,128}$/;
const CORRELATION_HEADER = 'x-correlation-id';

/** `POST /api/v2/ingest`. What it answers 202 is in the queue. */
export function ingestRoutes({ intake, apiKeys, metrics, logger }: IngestRoutesOptions): FastifyPluginAsync {
  return async (http) => {
    readJsonOnly(http);
    http.setErrorHandler((thrown: FastifyError | IngestError, _request, reply) => {
      const error = thrown instanceof IngestError ? thrown : toIngestError(thrown);
      metrics.refused.inc({ reason: error.code }, error.events);
      const level = STATUS_OF[error.code] < 500 || error.code === 'queue_full' ? 'info' : 'warn';
      logger[level]({ code: error.code, correlation_id: correlationIdOf(reply), err: error.cause }, error.message);
      return sendError(error, reply);
    });

    // Before the body is read, so that nobody unknown can make us read one.
    http.addHook('onRequest', async ({ headers }, reply) => {
      reply.header(CORRELATION_HEADER, chooseCorrelationId(headers));
      const key = headers['x-api-key'];
      if (apiKeys !== null && !(typeof key === 'string' && apiKeys.includes(key))) {
        throw new IngestError('unauthorized', 'Send one of the keys of this ingestor in the header X-API-Key.');
      }
      if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
        throw new IngestError('media_type_unsupported', 'Send the body as it is, without a Content-Encoding.');
      }
    });

    http.post('/api/v2/ingest', { bodyLimit: BODY_BYTES }, async ({ body }, reply) => {
      const correlationId = correlationIdOf(reply);
      const events = readBatch(body, { correlationId, receivedAt: new Date().toISOString(), newId: randomUUID });
      const ids = events.map(({ id }) => id);
      const refusal = await intake.takeAll(events.map((event) => JSON.stringify(event)));
      if (refusal !== null) throw refusalError(refusal, ids);
      metrics.accepted.inc({ source: 'http' }, events.length);
      logger.debug({ events: events.length, correlation_id: correlationId }, 'events accepted');
      return reply.code(202).send({ accepted: events.length, ids, correlation_id: correlationId });
    });
  };
}

/** As bytes, since a lenient decoder would put U+FFFD where bytes are no UTF-8. */
function readJsonOnly(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.removeAllContentTypeParsers();
  http.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (isUtf8(body)) void parse(request, body.toString(), done);
    else done(new IngestError('request_invalid', 'The body is not valid UTF-8.'));
  });
}

/** What the client calls the request, in logs and in each of its events; a new id where that is no id. */
function chooseCorrelationId({ [CORRELATION_HEADER]: given }: IncomingHttpHeaders): string {
  return typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID();
}

function correlationIdOf(reply: FastifyReply): string {
  return String(reply.getHeader(CORRELATION_HEADER));
}

/** What fastify refuses before the route sees it, by its status. */
const FRAMEWORK_ERRORS: Readonly<Record<number, readonly [IngestErrorCode, string]>> = {
  413: ['payload_too_large', `The body is too large: 1 MiB and ${MAX_EVENTS} events at most. Send it in parts.`],
  415: ['media_type_unsupported', 'Send JSON, with the header Content-Type: application/json.'],
};

function toIngestError(error: FastifyError): IngestError {
  const { statusCode = 500, message } = error;
  const known = FRAMEWORK_ERRORS[statusCode];
  if (known !== undefined) return new IngestError(...known);
  if (statusCode < 500) return new IngestError('request_invalid', `The request cannot be read: ${message}`);
  return new IngestError('internal', 'Something went wrong here; the log has more under this correlation id.', {
    cause: error,
  });
}

function sendError({ code, message, details, retryAfterMs }: IngestError, reply: FastifyReply): FastifyReply {
  if (code === 'unauthorized') reply.header('www-authenticate', 'ApiKey header="X-API-Key"');
  if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  return reply.code(STATUS_OF[code]).send({ error: message, code, correlation_id: correlationIdOf(reply), details });
}
