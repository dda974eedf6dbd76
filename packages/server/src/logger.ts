import { destination, pino } from 'pino';
import type { DestinationStream } from 'pino';
import type { FastifyBaseLogger } from 'fastify';
import type { LogLevel } from './options.ts';

const SECRET_HEADERS = ['x-api-key', 'cookie', 'authorization', 'set-cookie', 'proxy-authorization'];
/** Wherever headers come into a line, with an error or a request. */
const PLACES = ['', 'headers', 'req.headers', 'res.headers', 'err.headers', 'err.request.headers'];

/** Logs JSON lines, on stderr. Whatever is logged, credentials are not; and as JSON, a line break in it makes no line. */
export function createLogger(
  level: LogLevel,
  to: DestinationStream = destination({ dest: 2, sync: true }),
): FastifyBaseLogger {
  const paths = PLACES.flatMap((place) => SECRET_HEADERS.map((header) => `${place}["${header}"]`));
  return pino({ level, redact: { paths, censor: '[redacted]' } }, to);
}
