import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { closeHttp } from './close-http.ts';

test('a client that never sends the rest of its request does not keep a service from ending', async () => {
  const http = fastify({ forceCloseConnections: 'idle' });
  const asked = once(http.server, 'request');
  http.post('/', () => 'ok');
  await http.listen({ port: 0, host: '127.0.0.1' });
  const slow = connect((http.server.address() as AddressInfo).port, '127.0.0.1');
  slow.on('error', () => {});
  slow.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{');
  await asked;
  await closeHttp(http, 50);
  expect(http.server.listening).toBe(false);
});
