import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';
import { SHORTEST_PASSWORD } from './passwords.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

describe('/sign-in', () => {
  it('is there for whoever has the link, with nothing that is not its own', async () => {
    const page = await server.app.inject('/sign-in');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(assets).toEqual(['/sign-in.css', '/sign-in.js']);
    for (const path of assets) expect((await server.app.inject(path)).statusCode).toBe(200);
    expect(page.body).not.toMatch(/<script>|style=|onclick/);
    expect((await server.app.inject('/sign-in.js')).body).toContain(`minLength = ${SHORTEST_PASSWORD}`);
  });
});
