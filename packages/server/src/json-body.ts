import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { RequestError } from './errors.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/**
 * How bodies are read. They are checked as bytes: a lenient decoder would put U+FFFD where bytes are no UTF-8, and that
 * would be stored.
 */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
    if (charset !== 'utf-8' && charset !== 'utf8') {
      done(new RequestError('media_type_unsupported', 'JSON is read as UTF-8 only: send it so, without a charset.'));
    } else if (!isUtf8(body)) {
      done(new RequestError('request_invalid', 'The body is not valid UTF-8.'));
    } else if (body.length === 0) {
      // Many clients name JSON as the type of a body that they don't send.
      done(null, undefined);
    } else {
      void parse(request, body.toString(), done);
    }
  });
}
