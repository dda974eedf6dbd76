import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { API_KEY, startApp } from '../test/start-app.ts';
import type { TestApp } from '../test/start-app.ts';

let server: TestApp;
beforeEach(async () => {
  server = await startApp();
});
afterEach(() => server.close());

const body = (...value: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from('{"value":"'), Buffer.from(value), Buffer.from('"}')]);

async function put(payload: Buffer, contentType = 'application/json'): Promise<{ status: number; code?: string }> {
  const response = await server.app.inject({
    method: 'PUT',
    url: '/api/v1/config/k',
    payload,
    headers: { 'x-api-key': API_KEY, 'content-type': contentType },
  });
  const { code } = response.json<{ code?: string }>();
  return { status: response.statusCode, ...(code !== undefined && { code }) };
}

describe('a JSON body', () => {
  it.each([
    ['a stray byte', [0xff]],
    ['half a character', [0xe2, 0x82]],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
  ])('that is no UTF-8 (%s) is refused, and nothing is stored', async (_, bytes) => {
    expect(await put(body(...bytes))).toEqual({ status: 400, code: 'request_invalid' });
    expect(server.config.getAll()).toEqual({});
  });

  it.each(['application/json; charset=latin1', 'application/json;charset="UTF-16"'])(
    'as %s is refused',
    async (type) => {
      expect(await put(body(0x61), type)).toEqual({ status: 415, code: 'media_type_unsupported' });
    },
  );

  it.each(['application/json; charset=utf-8', 'application/json; charset="UTF-8"'])('as %s is taken', async (type) => {
    expect(await put(body(...Buffer.from('ü')), type)).toEqual({ status: 200 });
    expect(server.config.get('k')).toBe('ü');
  });
});
