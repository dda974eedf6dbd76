import { describe, expect, it } from 'vitest';
import type { Principal } from './principal.ts';
import { assertMayChange, visibilityOf, withoutSecrets } from './visibility.ts';

const admin: Principal = { id: '1', name: 'admin', role: 'admin', keyPatterns: null, readsSecrets: true };
const secrets = new Set(['moog_token']);
const KEYS = ['moog_rate_limit', 'moog_token', 'alerter_mode'];

describe('what somebody sees', () => {
  it.each([
    ['all, without limits', {}, ['shown', 'shown', 'shown']],
    ['a mask where they read no secrets', { readsSecrets: false }, ['shown', 'masked', 'shown']],
    ['nothing of keys outside their patterns', { keyPatterns: ['moog_*'] }, ['shown', 'shown', 'absent']],
    ['both limits together', { keyPatterns: ['moog_*'], readsSecrets: false }, ['shown', 'masked', 'absent']],
    ['nothing at all without a pattern', { keyPatterns: [] }, ['absent', 'absent', 'absent']],
    [
      'no secret outside their patterns',
      { keyPatterns: ['alerter_*'], readsSecrets: false },
      ['absent', 'absent', 'shown'],
    ],
  ] as const)('is %s', (_, limits, sees) => {
    expect(KEYS.map(visibilityOf({ ...admin, ...limits }, secrets))).toEqual(sees);
  });

  it('is a mask for everybody who did not ask for secrets', () => {
    expect(KEYS.map(visibilityOf(withoutSecrets(admin), secrets))).toEqual(['shown', 'masked', 'shown']);
  });
});

describe('what somebody may change', () => {
  it('is what they see', () => {
    const forwarder: Principal = { ...admin, name: 'forwarder', keyPatterns: ['moog_*', 'batch'] };
    expect(() => assertMayChange(forwarder, ['moog_rate_limit', 'batch'])).not.toThrow();
    expect(() => assertMayChange(forwarder, ['moog_rate_limit', 'alerter_mode'])).toThrow(
      'forwarder may change the keys that match moog_*, batch only, and this changes others.',
    );
    expect(() => assertMayChange({ ...forwarder, keyPatterns: [] }, ['batch'])).toThrow('no pattern');
  });
});
