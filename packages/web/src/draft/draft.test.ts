import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/api-error.ts';
import { Draft, toChange, type DraftChange } from './draft.ts';
import { refusalText, refusedKey, tooMany } from './refusal.ts';

class FakeKeep extends Map<string, string> {
  getItem(name: string): string | null {
    return this.get(name) ?? null;
  }

  setItem(name: string, text: string): void {
    this.set(name, text);
  }

  removeItem(name: string): void {
    this.delete(name);
  }
}

const change = (key: string, value: string | null, more: Partial<DraftChange> = {}): DraftChange => ({
  key,
  value,
  baseValue: '0',
  baseRevision: 1,
  isSecret: false,
  ...more,
});
const keysOf = (draft: Draft): string[] => draft.current().map(({ key }) => key);

describe('Draft', () => {
  it('has one change for a key, and none that changes nothing', () => {
    const draft = new Draft(new FakeKeep());
    draft.put([change('a', '1'), change('b', '1')]);
    draft.put([change('a', '2')]);
    expect(draft.current()).toMatchObject([{ key: 'a', value: '2' }, { key: 'b' }]);
    draft.put([change('a', '0')]);
    expect(keysOf(draft)).toEqual(['b']);
    draft.remove(['b']);
    expect(keysOf(draft)).toEqual([]);
  });

  it('keeps the change of a secret to what is shown as the same', () => {
    const draft = new Draft(new FakeKeep());
    draft.put([change('s', '0', { isSecret: true })]);
    expect(keysOf(draft)).toEqual(['s']);
  });

  it('outlives a reload, but for secrets', () => {
    const keep = new FakeKeep();
    new Draft(keep).put([change('a', null), change('secret', 'hunter2', { isSecret: true })]);
    expect(new Draft(keep).current()).toEqual([change('a', null)]);
    expect([...keep.values()].join('')).not.toContain('hunter2');
  });

  it.each(['{', '{"a": 1}', '[1, null, {"key": "a"}]'])('begins anew where what was kept is %s', (kept) => {
    const keep = new FakeKeep();
    keep.set('mutt-draft', kept);
    expect(new Draft(keep).current()).toEqual([]);
  });

  it('goes on where nothing can be kept', () => {
    const full = new FakeKeep();
    full.setItem = () => {
      throw new Error('full');
    };
    const draft = new Draft(full);
    draft.put([change('a', '1')]);
    expect(keysOf(draft)).toEqual(['a']);
  });

  it('does not come back as it was before it grew too large to be kept', () => {
    const keep = new FakeKeep();
    const draft = new Draft(keep);
    draft.put([change('a', '1')]);
    keep.setItem = () => {
      throw new Error('full');
    };
    draft.put([change('a', 'x'.repeat(100))]);
    expect(new Draft(keep).current()).toEqual([]);
  });

  it('hides, and keeps no more, what turned out to be secret', () => {
    const keep = new FakeKeep();
    const draft = new Draft(keep);
    draft.put([change('a', '1'), change('late', 'hunter2')]);
    draft.conceal((key) => key === 'late');
    expect(draft.current()).toMatchObject([{ isSecret: false }, { isSecret: true }]);
    expect([...keep.values()].join('')).not.toContain('hunter2');
  });

  it('is of one person: who signs in after them in the same tab begins anew, before and after a reload', () => {
    const keep = new FakeKeep();
    const draft = new Draft(keep);
    draft.belongTo('alice');
    draft.put([change('a', '1')]);
    draft.belongTo('alice');
    expect(keysOf(draft)).toEqual(['a']);
    const reloaded = new Draft(keep);
    reloaded.belongTo('alice');
    expect(keysOf(reloaded)).toEqual(['a']);
    for (const one of [draft, reloaded]) {
      one.belongTo('bob');
      expect(keysOf(one)).toEqual([]);
    }
    expect(keep.getItem('mutt-draft')).toBe('[]');
  });

  it('tells those who listen, until they stop', () => {
    const heard: number[] = [];
    const draft = new Draft(new FakeKeep());
    const stop = draft.subscribe(() => heard.push(draft.current().length));
    draft.put([change('a', '1')]);
    stop();
    draft.clear();
    expect(heard).toEqual([1]);
  });

  it('asks the server to refuse what somebody changed meanwhile', () => {
    expect([toChange(change('a', '1')), toChange(change('a', null, { baseRevision: 0 }))]).toEqual([
      { key: 'a', value: '1', if_revision: 1 },
      { key: 'a', delete: true, if_revision: 0 },
    ]);
  });
});

describe('what the server refuses', () => {
  const changes = [change('a', '1'), change('a.b', '1')];
  it.each([
    ['The value of a.b must be a whole number (declared by x 1).', {}, 'a.b'],
    ['Invalid value for a: a value is at most 1 MiB', {}, 'a'],
    ['No service declares the key a.', {}, 'a'],
    ['The value of other must be', {}, null],
    ['whatever', { key: 'a' }, 'a'],
    ['whatever', {}, null],
  ])('is shown at the key that it names: %s', (message, details, key) => {
    expect(refusedKey({ message, details }, changes)).toBe(key);
  });

  it('is said in words', () => {
    const text = (code: string, status: number, more?: { isStoreEmptied: boolean }): string =>
      refusalText(new ApiError('You may not.', { code, status }), more);
    expect(text('payload_too_large', 413)).toContain('8 MiB');
    expect(text('revision_conflict', 412)).toContain('quicker');
    expect(text('revision_conflict', 412, { isStoreEmptied: true })).toContain('came back empty');
    expect(text('unreachable', 0)).toContain('may or may not');
    expect(text('forbidden', 403)).toBe('You may not.');
  });

  it('of more than 1,000 changes is known before', () => {
    const many = (count: number): DraftChange[] => Array.from({ length: count }, (_, n) => change(`k${n}`, '1'));
    expect(tooMany(many(1_000))).toBeNull();
    expect(tooMany(many(1_001))).toContain('1,001 changes');
  });
});
