import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { STATUS_OF } from './errors.ts';
import type { ServerErrorCode } from './errors.ts';

const CODES: Readonly<Record<string, { readonly code: ServerErrorCode; readonly error: string }>> = {
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large', error: 'The headers of the request are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', error: 'The request did not arrive in time.' },
};
const MALFORMED = { code: 'request_invalid', error: 'The request is not valid HTTP.' } as const;

/** Answers what cannot be read as HTTP, in the shape of all errors: there is no request yet, only a socket. */
export function answerMalformedHttp({ code: reason }: NodeJS.ErrnoException, socket: Socket): void {
  // Whoever has hung up hears nothing.
  if (reason === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, error } = CODES[reason ?? ''] ?? MALFORMED;
  const correlationId = randomUUID();
  const body = JSON.stringify({ error, code, correlation_id: correlationId });
  const status = STATUS_OF[code];
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-correlation-id: ${correlationId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
