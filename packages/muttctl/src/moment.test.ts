import { describe, expect, it } from 'vitest';
import { momentParameter, parseMoment } from './moment.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');

describe('a moment', () => {
  it.each([
    ['42', '42'],
    ['0', '0'],
    ['0f0e8a54-6a3c:41', '0f0e8a54-6a3c:41'],
    ['2026-05-01', '2026-05-01T00:00:00.000Z'],
    ['2026-05-01T10:00:00+02:00', '2026-05-01T08:00:00.000Z'],
    ['30s', '2026-06-01T11:59:30.000Z'],
    ['15m', '2026-06-01T11:45:00.000Z'],
    ['2h', '2026-06-01T10:00:00.000Z'],
    ['1d', '2026-05-31T12:00:00.000Z'],
  ])('named as %s is %s', (text, parameter) => {
    expect(momentParameter(parseMoment(text, NOW))).toBe(parameter);
  });

  it.each(['', 'soon', '-1', '1.5', '2026-13-01', '3w', 'yesterday', '2026'.repeat(5)])('is not %j', (text) => {
    expect(() => parseMoment(text, NOW)).toThrow('Not a moment');
  });
});
