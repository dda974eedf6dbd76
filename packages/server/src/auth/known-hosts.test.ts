import { describe, expect, it } from 'vitest';
import { KnownHosts } from './known-hosts.ts';

describe('a host is known when it is', () => {
  const hosts = new KnownHosts({ listenHost: '10.0.0.7', publicUrl: 'https://config.internal' });
  it.each([
    ['localhost', true],
    ['localhost:5173', true],
    ['127.0.0.1:8090', true],
    ['127.9.9.9', true],
    ['[::1]:8090', true],
    ['10.0.0.7:8090', true],
    ['config.internal', true],
    ['config.internal:443', true],
    ['CONFIG.INTERNAL', true],
    ['config.internal:8443', false],
    ['evil.example', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['config.internal@evil.example', false],
    ['10.0.0.8:8090', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (host, known) => {
    expect(hosts.knows(host)).toBe(known);
  });

  it('is not known because the server listens everywhere', () => {
    expect(new KnownHosts({ listenHost: '0.0.0.0' }).knows('10.0.0.7:8090')).toBe(false);
  });
});

describe('an origin is our own when it is', () => {
  const hosts = new KnownHosts({ publicUrl: 'https://config.internal' });
  it.each([
    ['http://localhost:8090', 'localhost:8090', true],
    ['https://localhost', 'localhost', true],
    ['https://config.internal', 'config.internal', true],
    ['http://config.internal', 'config.internal', false],
    ['http://localhost:3000', 'localhost:8090', false],
    ['http://evil.example', 'localhost:8090', false],
    ['https://config.internal.evil.example', 'config.internal', false],
    ['null', 'localhost:8090', false],
    ['file://', 'localhost', false],
    ['', 'localhost', false],
    ['http://localhost:8090/path', 'localhost:8090', false],
  ])('%s for %s: %s', (origin, host, isOwn) => {
    expect(hosts.isOwnOrigin(origin, host)).toBe(isOwn);
  });
});
