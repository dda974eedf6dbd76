import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { formatInstanceName, newInstanceName, parseInstanceName } from './instance-name.ts';

describe('the name of an instance', () => {
  it('says which service in which version runs where', () => {
    const instance = newInstanceName({ name: 'forwarder', version: '1.2.0' });
    expect(instance).toMatchObject({ service: 'forwarder', version: '1.2.0', host: hostname(), pid: process.pid });
    expect(parseInstanceName(formatInstanceName(instance, 'mutt:config'))).toEqual({
      ...instance,
      prefix: 'mutt:config',
    });
  });

  it('is another one for each', () => {
    expect(newInstanceName().id).not.toBe(newInstanceName().id);
  });

  it.each(['a b/c', 'über', '1%2F', '\ud800', 'x'.repeat(128), 'a=b c=d'])(
    'is one word of visible ASCII for a service called %j, and names it still',
    (service) => {
      const name = formatInstanceName({ id: '1', service, version: null, host: 'h ö st', pid: 1 }, '{mutt}:config');
      expect(name).toMatch(/^[!-~]+$/);
      expect(name).not.toContain('=');
      expect(parseInstanceName(name)).toEqual({
        id: '1',
        service: service.toWellFormed(),
        version: null,
        host: 'h ö st',
        pid: 1,
        prefix: '{mutt}:config',
      });
    },
  );

  it.each([
    '',
    'mutt-dynamic-config',
    'curl/8.5.0',
    'mutt-dynamic-config/a/b',
    'mutt-dynamic-config/s/1/h/x/i/p',
    'mutt-dynamic-config/%/1/h/1/i/p',
    'mutt-dynamic-config//1/h/1/i/p',
  ])('is not read out of %j', (text) => {
    expect(parseInstanceName(text)).toBeNull();
  });
});
