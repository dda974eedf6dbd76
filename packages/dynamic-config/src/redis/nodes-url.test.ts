import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { namesNodes, parseNodesUrl } from './nodes-url.ts';

describe('the URL of a Redis of several nodes', () => {
  it('names Sentinels, what they call the primary, and as whom to sign in where', () => {
    expect(
      parseNodesUrl(
        'rediss-sentinel://mutt:p%40ss@a.example:1000,[::1],10.0.0.1/my%20master?sentinelPassword=s%2Fecret',
      ),
    ).toEqual({
      kind: 'sentinel',
      tls: true,
      hosts: [
        { host: 'a.example', port: 1000 },
        { host: '::1', port: 26_379 },
        { host: '10.0.0.1', port: 26_379 },
      ],
      username: 'mutt',
      password: 'p@ss',
      sentinelPassword: 's/ecret',
      name: 'my master',
      location: 'rediss-sentinel://a.example:1000,[::1],10.0.0.1/my%20master',
    });
  });

  it('may name Sentinels whose hosts are called after a Cluster, and be in capitals; a plus is a plus', () => {
    expect(parseNodesUrl('REDIS-SENTINEL://redis-cluster:26379/m?sentinelPassword=a+b')).toMatchObject({
      kind: 'sentinel',
      hosts: [{ host: 'redis-cluster', port: 26_379 }],
      sentinelPassword: 'a+b',
      location: 'redis-sentinel://redis-cluster:26379/m',
    });
  });

  it('names nodes of a Cluster, with a password alone', () => {
    expect(parseNodesUrl('redis-cluster://:secret@a:7000,b')).toEqual({
      kind: 'cluster',
      tls: false,
      hosts: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
      password: 'secret',
      name: '',
      location: 'redis-cluster://a:7000,b',
    });
  });

  it.each([
    ['no name of a primary', 'redis-sentinel://a:26379', 'what the Sentinels call the primary'],
    ['no hosts', 'redis-sentinel:///mymaster', 'looks like'],
    ['an empty host', 'redis-cluster://a:7000,,b', 'looks like'],
    ['no port where one is begun', 'redis-cluster://a:port', 'looks like'],
    ['a port that is none', 'redis-cluster://a:70000', 'looks like'],
    ['a password that is not encoded', 'redis-sentinel://:p%zz@a/mymaster', 'percent-encoded'],
    ['an @ in a password', 'redis-sentinel://:p@ss@a/mymaster', 'percent-encoded'],
    ['a database of a Cluster', 'redis-cluster://a:7000/1', 'database 0 only'],
    ['what it has not', 'redis-sentinel://a/mymaster?db=1', 'sentinelUsername and sentinelPassword'],
    ['users of Sentinels, of a Cluster', 'redis-cluster://a?sentinelPassword=x', 'takes nothing behind a ?'],
    ['a user without a password', 'redis-sentinel://app@a/mymaster', 'without a password'],
    ['a password with a slash', 'redis-sentinel://u:123/ss@a', 'percent-encoded'],
  ])('is refused with %s, and no secret is told', (_, url, rule) => {
    expect(() => parseNodesUrl(url)).toThrow(InvalidOptionError);
    expect(() => parseNodesUrl(url)).toThrow(rule);
    expect(() => parseNodesUrl(url)).not.toThrow(/p%zz|p@ss|123/);
  });

  it('is told from the URL of a single Redis', () => {
    expect(
      ['redis-sentinel://a/m', 'rediss-cluster://a', 'redis://a', 'rediss://a', 'http://redis-cluster:1'].map(
        namesNodes,
      ),
    ).toEqual([true, true, false, false, false]);
  });
});
