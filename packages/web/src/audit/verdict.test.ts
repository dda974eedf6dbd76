import { describe, expect, it } from 'vitest';
import type { Verification } from '../api/replies.ts';
import { readSignedHead, verdictOf } from './verdict.ts';

const FOUND: Verification = {
  ok: true,
  records: 4_812,
  gaps: 0,
  first_id: 1,
  first_changed_at: '2026-06-01T12:00:00.000Z',
  last_id: 4_812,
  hash: 'abc',
  anchor: { id: 0, hash: '' },
  problem: null,
};
const HEAD = { trail_id: 't', id: 120, hash: 'h', signed_at: '2026-07-01T12:00:00Z', public_key: 'p', signature: 's' };

describe('the verdict on a trail', () => {
  it('says how much is proven', () => {
    expect(verdictOf(FOUND)).toMatchObject({
      ok: true,
      sentence: '4,812 records since 1 June 2026, none altered, no gap.',
      more: [],
      hash: 'abc',
    });
  });

  it('counts gaps, and tells them from what was removed', () => {
    const { sentence, more } = verdictOf({ ...FOUND, records: 1, gaps: 1 });
    expect(sentence).toMatch(/^1 record since .*, 1 gap\.$/);
    expect(more.join(' ')).toMatch(/nobody removed it/);
  });

  it('says from where on it is proven, where older records were dropped by age', () => {
    expect(verdictOf({ ...FOUND, anchor: { id: 99, hash: 'x' } }).more.join(' ')).toMatch(
      /up to 99 were dropped by age/,
    );
  });

  it('says what a head that was kept proves', () => {
    expect(verdictOf(FOUND, HEAD).more.join(' ')).toMatch(/on 1 July 2026.*up to record 120/);
  });

  it('of an empty trail is good', () => {
    expect(verdictOf({ ...FOUND, records: 0, first_id: null, first_changed_at: null }).sentence).toMatch(
      /no records yet/,
    );
  });

  it('names the first record that is not as it was written, and what to do', () => {
    const verdict = verdictOf({ ...FOUND, ok: false, problem: { id: 42, message: 'Record 42 was altered.' } }, HEAD);
    expect(verdict).toMatchObject({ ok: false, sentence: 'Record 42 was altered.', recordId: 42 });
    expect(verdict.more.join(' ')).toMatch(/Change nothing/);
    expect(verdict.more.join(' ')).not.toMatch(/still has/);
  });
});

describe('a file with a head', () => {
  it('is read, without what does not belong to it', () => {
    expect(readSignedHead(JSON.stringify({ ...HEAD, more: 1 }))).toEqual(HEAD);
  });

  it.each(['', 'null', '[]', '{"id": 1}', JSON.stringify({ ...HEAD, id: '120' })])('is not %j', (text) => {
    expect(readSignedHead(text)).toBeNull();
  });
});
