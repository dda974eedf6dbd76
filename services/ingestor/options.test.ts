import { describe, expect, it } from 'vitest';
import { ApiKeys } from './api-keys.ts';
import { readOptions } from './options.ts';

describe('readOptions', () => {
  it('takes several keys, and the ports of syslog', () => {
    const { apiKeys, ...options } = readOptions({
      INGEST_API_KEY: ' one, two ,',
      HOST: '::1',
      SYSLOG_UDP_PORT: '514',
      SYSLOG_TCP_PORT: '601',
    });
    expect(options).toEqual({ host: '::1', syslogUdpPort: 514, syslogTcpPort: 601 });
    expect(['one', 'two', '', 'one, two', 'One'].map((key) => apiKeys?.includes(key))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('lets everybody in only where that is said', () => {
    expect(readOptions({ INGEST_OPEN: '1' })).toMatchObject({
      apiKeys: null,
      syslogUdpPort: null,
      syslogTcpPort: null,
    });
    expect(readOptions({ INGEST_OPEN: '1', INGEST_API_KEY: 'one' }).apiKeys).toBeInstanceOf(ApiKeys);
  });

  it.each([
    ['no key', {}, /INGEST_API_KEY/],
    ['keys that are none', { INGEST_API_KEY: ' ,' }, /INGEST_API_KEY/],
    ['half a yes', { INGEST_OPEN: 'true' }, /INGEST_OPEN=1/],
    ['a port that is none', { INGEST_OPEN: '1', SYSLOG_UDP_PORT: '0x10' }, /SYSLOG_UDP_PORT must be a port/],
    ['a port out of bounds', { INGEST_OPEN: '1', SYSLOG_TCP_PORT: '65536' }, /SYSLOG_TCP_PORT must be a port/],
  ])('refuses %s', (_, env, message) => {
    expect(() => readOptions(env)).toThrow(message);
  });
});
