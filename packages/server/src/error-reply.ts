import { ConfigError, OutcomeUnknownError, RevisionConflictError } from '@mutt/dynamic-config';
import type { ErrorCode } from '@mutt/dynamic-config';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { DatabaseFailure, toStoreError } from './database/database-error.ts';
import { RequestError, STATUS_OF, TooManyRequestsError } from './errors.ts';
import type { ServerErrorCode } from './errors.ts';

/** How every error looks to clients. */
interface ErrorBody {
  /** What happened, and what to do next. */
  readonly error: string;
  readonly code: ErrorCode | ServerErrorCode;
  readonly correlation_id: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const RETRY_AFTER_S = '1';

type Described = Pick<ErrorBody, 'code'> & { readonly message: string };

/** What fastify refuses before a route sees it, by its status. */
const FRAMEWORK_ERRORS: Readonly<Record<number, Described>> = {
  413: {
    code: 'payload_too_large',
    message: 'The request is too large: a value is at most 1 MiB, a change set 8 MiB.',
  },
  414: { code: 'not_found', message: 'There is nothing under a path this long.' },
  415: { code: 'media_type_unsupported', message: 'Send JSON, with the header Content-Type: application/json.' },
};

/** Answers with an error, whoever threw it. What is nobody's fault but ours is logged, and not shown. */
export function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = thrown instanceof DatabaseFailure ? toStoreError(thrown) : thrown;
  const { code, message } = describe(error);
  const status = STATUS_OF[code];
  if (status === 500) request.log.error({ err: error, correlation_id: request.id }, 'A request failed unexpectedly');
  else if (status > 500 && code !== 'too_many_streams')
    request.log.warn({ err: error, correlation_id: request.id }, 'The store could not serve a request');
  const details = detailsOf(error);
  const body: ErrorBody = { error: message, code, correlation_id: request.id, ...(details && { details }) };
  if (status === 401) reply.header('www-authenticate', 'ApiKey header="X-API-Key"');
  if (status === 503) reply.header('retry-after', RETRY_AFTER_S);
  if (error instanceof TooManyRequestsError) reply.header('retry-after', String(error.retryAfterS));
  return reply.code(status).header('x-correlation-id', request.id).send(body);
}

function describe(error: unknown): Described {
  if (error instanceof OutcomeUnknownError) return { code: error.code, message: howToRetry(error) };
  if (error instanceof ConfigError || error instanceof RequestError) return error;
  const { statusCode, validation, message } = error as Partial<FastifyError>;
  if (validation !== undefined) return { code: 'request_invalid', message: describeValidation(validation) };
  const known = FRAMEWORK_ERRORS[statusCode ?? 500];
  if (known !== undefined) return known;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { code: 'request_invalid', message: `The request cannot be read: ${message ?? 'malformed'}.` };
  }
  return { code: 'internal', message: 'Something went wrong here. The log has more under this correlation id.' };
}

/** The library's advice, in terms of HTTP. */
function howToRetry({ requestId }: OutcomeUnknownError): string {
  return `The store did not confirm the change in time, so it may or may not be applied. Send it again with the header Idempotency-Key: ${requestId} (POST /api/v1/changes: with this request_id): it will be applied once.`;
}

function describeValidation(validation: NonNullable<FastifyError['validation']>): string {
  const problems = validation.map(({ instancePath, message }) => {
    const where = instancePath.slice(1).replaceAll('/', '.');
    return where === '' ? (message ?? 'invalid') : `${where}: ${message ?? 'invalid'}`;
  });
  return `The request is invalid: ${problems.join('; ')}.`;
}

function detailsOf(error: unknown): ErrorBody['details'] | null {
  if (error instanceof OutcomeUnknownError) return { request_id: error.requestId };
  if (error instanceof RevisionConflictError) {
    const { key, expectedRevision, currentRevision } = error;
    return { key, expected_revision: expectedRevision, current_revision: currentRevision };
  }
  if (error instanceof RequestError) return error.details;
  return null;
}
