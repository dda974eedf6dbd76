import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError, RevisionConflictError } from '../errors.ts';
import { isDefinite, readRefusal, toConfigError } from './refusal.ts';

const body = (code: string, details?: object): string => JSON.stringify({ error: 'Said so.', code, details });
const errorOf = (status: number, text: string): ReturnType<typeof toConfigError> =>
  toConfigError(readRefusal(status, text), 'http://host');

describe('a refusal', () => {
  it.each([
    [400, body('key_invalid'), 'key_invalid'],
    [422, body('value_invalid'), 'value_invalid'],
    [422, body('change_set_invalid'), 'change_set_invalid'],
    [400, body('request_invalid'), 'option_invalid'],
    [422, body('request_id_reused'), 'option_invalid'],
    [409, body('wrong_type'), 'wrong_type'],
    [502, body('store_refused'), 'store_refused'],
    [401, body('unauthorized'), 'unauthorized'],
    [403, '', 'forbidden'],
    [404, '<html>nginx</html>', 'store_refused'],
    [301, '', 'store_refused'],
    [400, body('__proto__'), 'store_refused'],
    [408, '', 'store_unavailable'],
    [429, '', 'store_unavailable'],
    [500, body('internal'), 'store_unavailable'],
    [502, 'null', 'store_unavailable'],
    [503, body('store_unavailable'), 'store_unavailable'],
  ])('with status %i and the body %s is %s', (status, text, code) => {
    expect(errorOf(status, text)).toMatchObject({ code });
  });

  it('keeps what the server said, and says something where it did not', () => {
    expect(errorOf(422, body('value_invalid')).message).toBe('Said so.');
    expect(errorOf(404, '').message).toBe('The server at http://host answered with status 404.');
  });

  it('keeps the details of a conflict and of an unknown outcome', () => {
    const details = { key: 'a', expected_revision: 1, current_revision: 2 };
    expect(errorOf(412, body('revision_conflict', details))).toEqual(new RevisionConflictError('a', 1, 2));
    expect(errorOf(504, body('outcome_unknown', { request_id: 'r' }))).toEqual(new OutcomeUnknownError('r'));
  });

  it.each([
    [400, body('request_invalid'), true],
    [404, '', true],
    [503, body('store_unavailable'), true],
    [502, body('store_refused'), true],
    // A proxy, or a server that broke half-way.
    [500, body('internal'), false],
    [502, '<html>', false],
    [503, '', false],
    [504, body('outcome_unknown'), false],
  ])('with status %i and the body %s: nothing was written is %s', (status, text, definite) => {
    expect(isDefinite(readRefusal(status, text))).toBe(definite);
  });
});
