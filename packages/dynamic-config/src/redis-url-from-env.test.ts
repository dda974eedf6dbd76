import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from './errors.ts';
import { redisUrlFromEnv } from './redis-url-from-env.ts';

describe('redisUrlFromEnv', () => {
  it.each([
    ['a name', { REDIS_HOST: 'cache' }, 'redis://cache:6379/0'],
    ['a name with _ and .', { REDIS_HOST: 'my_cache.internal' }, 'redis://my_cache.internal:6379/0'],
    ['port and database', { REDIS_HOST: 'h', REDIS_PORT: '7000', REDIS_DB: '3' }, 'redis://h:7000/3'],
    ['an IPv6 address', { REDIS_HOST: '::1' }, 'redis://[::1]:6379/0'],
    ['one in brackets', { REDIS_HOST: '[::1]' }, 'redis://[::1]:6379/0'],
    ['nothing', {}, null],
    ['empty variables', { REDIS_HOST: '', REDIS_PORT: '7000' }, null],
    ['what an orchestrator says of a service called redis', { REDIS_PORT: 'tcp://10.0.0.1:6379' }, null],
  ])('takes %s', (_, env, url) => {
    expect(redisUrlFromEnv(env)).toBe(url);
  });

  it.each([
    'redis://h',
    ':hunter2@h',
    'user:hunter2@h',
    'h/1',
    'h?hunter2',
    'h#hunter2',
    'h:6379',
    'a b',
    ' h',
    '::g',
    '1::2::3',
  ])('refuses the host %j, and does not repeat it', (host) => {
    const take = (): unknown => redisUrlFromEnv({ REDIS_HOST: host });
    expect(take).toThrow(InvalidOptionError);
    expect(take).toThrow('REDIS_HOST');
    expect(take).not.toThrow('hunter2');
  });

  it.each([
    ['REDIS_PORT', 'tcp://10.0.0.1:6379'],
    ['REDIS_PORT', '65536'],
    ['REDIS_PORT', '-1'],
    ['REDIS_DB', '1.5'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => redisUrlFromEnv({ REDIS_HOST: 'h', [name]: value })).toThrow(`${name} must be a whole number`);
  });
});
