import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { StartupError } from './startup-error.ts';

describe('readOptions', () => {
  it('needs nothing', () => {
    expect(readOptions({}, [])).toEqual({
      host: '127.0.0.1',
      port: 8090,
      dataDir: '.mutt',
      entries: { store: 'embedded' },
      newApiKey: false,
      logLevel: 'warn',
      rateLimit: 1_000,
      mostStreams: 10_000,
      mostConnections: 20_000,
      metricsPublic: false,
      unknownKeys: 'allow',
      signInLink: false,
      requireReason: false,
      allowPrivateWebhooks: false,
    });
  });

  it.each([
    ['HOST', { HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
    ['PORT', { PORT: '0' }, { port: 0 }],
    ['MUTT_DATA_DIR', { MUTT_DATA_DIR: '/data' }, { dataDir: '/data' }],
    ['MUTT_API_KEY', { MUTT_API_KEY: 'key' }, { apiKey: 'key' }],
    ['MUTT_UNKNOWN_KEYS', { MUTT_UNKNOWN_KEYS: 'refuse' }, { unknownKeys: 'refuse' }],
    ['MUTT_PUBLIC_URL', { MUTT_PUBLIC_URL: 'https://config.internal/' }, { publicUrl: 'https://config.internal' }],
    [
      'MUTT_TRUST_PROXY',
      { MUTT_TRUST_PROXY: '10.0.0.5, 10.1.0.0/16,::1' },
      { trustProxy: ['10.0.0.5', '10.1.0.0/16', '::1'] },
    ],
    ['MUTT_REQUIRE_REASON', { MUTT_REQUIRE_REASON: 'true' }, { requireReason: true }],
    ['MUTT_WEBHOOK_ALLOW_PRIVATE', { MUTT_WEBHOOK_ALLOW_PRIVATE: 'true' }, { allowPrivateWebhooks: true }],
    ['LOG_LEVEL', { LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
    ['MUTT_RATE_LIMIT', { MUTT_RATE_LIMIT: '50' }, { rateLimit: 50 }],
    ['MUTT_MAX_STREAMS', { MUTT_MAX_STREAMS: '5' }, { mostStreams: 5 }],
    ['MUTT_MAX_CONNECTIONS', { MUTT_MAX_CONNECTIONS: '5' }, { mostConnections: 5 }],
    ['MUTT_METRICS_PUBLIC', { MUTT_METRICS_PUBLIC: 'true' }, { metricsPublic: true }],
    ['REDIS_URL', { REDIS_URL: 'rediss://h' }, { entries: { store: 'redis', url: 'rediss://h' } }],
    [
      'REDIS_URL before REDIS_HOST',
      { REDIS_URL: 'redis://a', REDIS_HOST: 'b' },
      { entries: { store: 'redis', url: 'redis://a' } },
    ],
    [
      'REDIS_HOST, REDIS_PORT and REDIS_DB',
      { REDIS_HOST: 'h', REDIS_PORT: '7000', REDIS_DB: '3' },
      { entries: { store: 'redis', url: 'redis://h:7000/3' } },
    ],
    [
      'MUTT_CONFIG_PREFIX',
      { REDIS_HOST: 'h', MUTT_CONFIG_PREFIX: 'team:a' },
      { entries: { store: 'redis', url: 'redis://h:6379/0', prefix: 'team:a' } },
    ],
    [
      'REDIS_PORT alone as what it is: nothing',
      { REDIS_PORT: 'tcp://10.0.0.1:6379' },
      { entries: { store: 'embedded' } },
    ],
    ['empty variables as not set', { HOST: '', PORT: '', REDIS_URL: '', MUTT_API_KEY: '' }, { port: 8090 }],
  ])('takes %s', (_, env, options) => {
    expect(readOptions(env, [])).toMatchObject(options);
  });

  it('takes --new-api-key and --sign-in-link', () => {
    expect(readOptions({}, ['--new-api-key'])).toMatchObject({ newApiKey: true, signInLink: false });
    expect(readOptions({}, ['--sign-in-link'])).toMatchObject({ newApiKey: false, signInLink: true });
  });

  it.each([
    ['a port that is none', { PORT: 'http' }, [], 'PORT must be a whole number from 0 to 65535'],
    ['a port beyond all', { PORT: '65536' }, [], 'PORT must be'],
    ['a log level that is none', { LOG_LEVEL: 'loud' }, [], 'LOG_LEVEL must be one of trace, debug'],
    ['a key that no header holds', { MUTT_API_KEY: 'a b' }, [], 'MUTT_API_KEY must be'],
    ['a URL of another kind', { REDIS_URL: 'http://h' }, [], 'REDIS_URL must look like'],
    ['a Redis port that is none', { REDIS_HOST: 'h', REDIS_PORT: 'tcp://10.0.0.1' }, [], 'REDIS_PORT must be'],
    ['a Redis database that is none', { REDIS_HOST: 'h', REDIS_DB: 'x' }, [], 'REDIS_DB must be'],
    ['a host with a password', { REDIS_HOST: ':hunter2@h' }, [], 'REDIS_HOST must be'],
    ['a public URL with a path', { MUTT_PUBLIC_URL: 'https://h/app' }, [], 'MUTT_PUBLIC_URL must look like'],
    ['a public URL with a password', { MUTT_PUBLIC_URL: 'https://a:b@h' }, [], 'MUTT_PUBLIC_URL must look like'],
    ['trust in every proxy', { MUTT_TRUST_PROXY: 'true' }, [], 'MUTT_TRUST_PROXY must be the addresses'],
    ['trust in a number of proxies', { MUTT_TRUST_PROXY: '1' }, [], 'MUTT_TRUST_PROXY must be'],
    ['trust in the whole internet', { MUTT_TRUST_PROXY: '0.0.0.0/0' }, [], 'MUTT_TRUST_PROXY must be'],
    ['a reason that is neither', { MUTT_REQUIRE_REASON: 'yes' }, [], 'MUTT_REQUIRE_REASON must be one of true, false'],
    ['an unknown argument', {}, ['--new-key'], '--new-api-key'],
  ])('refuses %s', (_, env, args, message) => {
    const read = (): unknown => readOptions(env, args);
    expect(read).toThrow(StartupError);
    expect(read).toThrow(message);
    expect(read).not.toThrow('hunter2');
  });
});
