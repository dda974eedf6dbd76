import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

const PAGE = '<meta name="csp-nonce" content="%CSP_NONCE%"><script type="module" src="/assets/index-a1.js"></script>';
const SCRIPT = `console.log(${'1+'.repeat(1_000)}1)`;

let folder: string;
let server: TestApp;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutt-web-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), PAGE);
  await writeFile(join(folder, 'favicon.svg'), '<svg/>');
  await writeFile(join(folder, 'assets', 'index-a1.js'), SCRIPT);
  await writeFile(join(folder, 'assets', 'index-a1.js.gz'), gzipSync(SCRIPT));
  server = await startApp(undefined, { webUi: folder });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('the web UI', () => {
  it.each(['/', '/setting?key=a%2Fb', '/overview', '/activity', '/audit', '/access', '/sign-in'])(
    'is at %s, without an API key, never kept by a cache',
    async (url) => {
      const { statusCode, headers, body } = await server.app.inject(url);
      expect(statusCode).toBe(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['cache-control']).toBe('no-store');
      expect(body).toContain('/assets/index-a1.js');
    },
  );

  it('runs its own scripts only, and takes styles by a nonce that is new each time', async () => {
    const nonceOf = async (): Promise<string> => {
      const { headers, body } = await server.app.inject('/');
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/default-src 'none'.*script-src 'self'; .*frame-ancestors 'none'/);
      expect(policy).not.toContain('unsafe');
      const nonce = /style-src 'self' 'nonce-([\w-]{22})'/.exec(policy)?.[1] ?? '';
      expect(body).toContain(`content="${nonce}"`);
      return nonce;
    };
    expect(await nonceOf()).not.toBe(await nonceOf());
  });

  it('has assets that are kept for a year, compressed for whoever takes that', async () => {
    const plain = await server.app.inject('/assets/index-a1.js');
    expect(plain.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': expect.stringContaining('javascript') as string,
      'x-content-type-options': 'nosniff',
    });
    expect(plain.body).toBe(SCRIPT);
    const headers = { 'accept-encoding': 'gzip' };
    const small = await server.app.inject({ url: '/assets/index-a1.js', headers });
    expect(small.headers['content-encoding']).toBe('gzip');
    expect(small.rawPayload.length).toBeLessThan(SCRIPT.length / 2);
  });

  it.each(['/assets/nope.js', '/assets/..%2findex.html', '/assets/../../package.json', '/index.html', '/nope'])(
    'is not at %s',
    async (url) => {
      const { statusCode, headers } = await server.app.inject({
        url,
        headers: { 'x-api-key': 'correct-horse-battery-staple' },
      });
      expect([400, 403, 404]).toContain(statusCode);
      expect(headers['content-type']).toContain('json');
    },
  );

  it('does not start where it was not built, and says how to', async () => {
    await expect(startApp(undefined, { webUi: join(folder, 'nope') })).rejects.toThrow('Build it with: npm run build');
  });
});
