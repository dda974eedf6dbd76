import { describe, expect, it } from 'vitest';
import { chooseTarget } from './target.ts';

const EVERYTHING = { MUTT_CONFIG_URL: 'redis://a', REDIS_URL: 'redis://b', REDIS_HOST: 'c', PORT: '9000' };

describe('chooseTarget', () => {
  it.each([
    ['the option', { url: 'redis://x' }, EVERYTHING, 'redis://x'],
    ['MUTT_CONFIG_URL', {}, EVERYTHING, 'redis://a'],
    ['REDIS_URL', {}, { ...EVERYTHING, MUTT_CONFIG_URL: '' }, 'redis://b'],
    ['REDIS_HOST', {}, { REDIS_HOST: 'c', PORT: '9000' }, 'redis://c:6379/0'],
    [
      'REDIS_HOST, REDIS_PORT and REDIS_DB',
      {},
      { REDIS_HOST: 'c', REDIS_PORT: '7000', REDIS_DB: '3' },
      'redis://c:7000/3',
    ],
    ['an IPv6 address', {}, { REDIS_HOST: '::1' }, 'redis://[::1]:6379/0'],
    ['PORT', {}, { PORT: '9000' }, 'http://127.0.0.1:9000'],
    ['the server on this machine', {}, {}, 'http://127.0.0.1:8090'],
    [
      'the server, whatever an orchestrator says about a "redis" service',
      {},
      { REDIS_PORT: 'tcp://10.0.0.1:6379' },
      'http://127.0.0.1:8090',
    ],
  ])('takes %s', async (_, options, env, url) => {
    expect((await chooseTarget(options, env)).url).toBe(url);
  });

  it('shows a location without the password', async () => {
    const target = await chooseTarget({ url: 'rediss://me:p%40ss@host:6380/1' }, {});
    expect(target).toMatchObject({ kind: 'redis', location: 'rediss://***@host:6380/1' });
  });

  it.each([
    ['a space', 'redis://:se kret@host:6379'],
    ['an @', 'redis://:p@se kret@host:6379/'],
    ['a quote', `redis://:se"kret'@host:6379`],
    ['a query', 'redis://:pw@host:6379?password=sekret'],
  ])('shows nothing of a password with %s', async (_, url) => {
    expect((await chooseTarget({ url }, {})).location).toBe('redis://***@host:6379');
  });

  it('shows nothing of the passwords of several nodes, and refuses what may be a part of one', async () => {
    const locationOf = async (url: string): Promise<string> => (await chooseTarget({ url }, {})).location;
    expect(await locationOf('redis-sentinel://me:pw@a:1,b/name?sentinelPassword=sekret')).toBe(
      'redis-sentinel://***@a:1,b/name',
    );
    expect(await locationOf('rediss-cluster://a,b:1')).toBe('rediss-cluster://a,b:1');
    for (const url of ['redis-sentinel://me:pa/sekret@a,b/name', 'redis-cluster://me:p@sekret@a,b']) {
      await expect(locationOf(url)).rejects.toThrow('--url must be');
      await expect(locationOf(url)).rejects.not.toThrow('sekret');
    }
  });

  it('sends the API key to a server only', async () => {
    const env = { MUTT_API_KEY: 'k' };
    expect((await chooseTarget({ url: 'https://config.internal' }, env)).apiKey).toBe('k');
    expect((await chooseTarget({ url: 'redis://host' }, env)).apiKey).toBeUndefined();
  });

  it('prefers --prefix to MUTT_CONFIG_PREFIX, which means nothing to a server', async () => {
    const env = { MUTT_CONFIG_PREFIX: 'env' };
    expect((await chooseTarget({ url: 'redis://host', prefix: 'option' }, env)).prefix).toBe('option');
    expect((await chooseTarget({ url: 'redis://host' }, env)).prefix).toBe('env');
    expect((await chooseTarget({ url: 'http://host' }, env)).prefix).toBeUndefined();
  });

  it.each([
    ['a URL of another kind', { url: 'ftp://host' }, {}, '--url must be'],
    ['no URL at all', {}, { REDIS_URL: 'host:6379' }, 'REDIS_URL must be'],
    ['a prefix for a server', { url: 'http://host', prefix: 'p' }, {}, '--prefix is for redis://'],
    ['a port that is none', {}, { REDIS_HOST: 'h', REDIS_PORT: 'tcp://10.0.0.1:6379' }, 'REDIS_PORT must be'],
    ['a port beyond all', {}, { REDIS_HOST: 'h', REDIS_PORT: '65536' }, 'REDIS_PORT must be'],
    ['a host that is none', {}, { REDIS_HOST: 'redis://h' }, 'REDIS_HOST must be the name'],
    ['a port of the server that is none', {}, { PORT: 'http' }, 'PORT must be'],
  ])('refuses %s', async (_, options, env, message) => {
    await expect(chooseTarget(options, env)).rejects.toThrow(message);
  });

  it('never repeats a URL that it cannot read, for the password in it', async () => {
    await expect(chooseTarget({ url: 'redis://:pa/ss@host:x' }, {})).rejects.toThrow(/^(?!.*ss@).*$/);
  });
});
