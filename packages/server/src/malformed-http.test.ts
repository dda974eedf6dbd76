import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApp } from '../test/start-app.ts';
import type { TestApp } from '../test/start-app.ts';

let server: TestApp;
beforeEach(async () => {
  server = await startApp();
});
afterEach(() => server.close());

describe('what is no HTTP', () => {
  it.each([
    ['a line of nonsense', 'nonsense\r\n\r\n', 400, 'request_invalid'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'request_invalid',
    ],
    ['headers of 64 KiB', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('(%s) is answered in the shape of all errors', async (_, request, status, code) => {
    const socket = connect(Number(new URL(await server.listen()).port), '127.0.0.1');
    socket.write(request);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const json = JSON.parse(body) as { correlation_id: string };
    expect(json).toEqual({ error: expect.any(String) as string, code, correlation_id: expect.any(String) as string });
    expect(head).toContain(`x-correlation-id: ${json.correlation_id}`);
  });
});
