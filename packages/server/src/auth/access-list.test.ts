import { beforeEach, describe, expect, it } from 'vitest';
import { fakeClock } from '../../test/fake-clock.ts';
import type { FakeClock } from '../../test/fake-clock.ts';
import { testKey } from '../../test/start-app.ts';
import { AccessList, IDLE_MS } from './access-list.ts';
import type { AccessRecords, Session, User } from './access-records.ts';
import { hashToken } from './secret-token.ts';

const HOUR_MS = 3_600_000;
let clock: FakeClock;
beforeEach(() => {
  clock = fakeClock();
});

const alice: User = {
  id: 'u1',
  name: 'alice',
  role: 'editor',
  keyPatterns: null,
  readsSecrets: false,
  isDisabled: false,
  createdAtMs: 0,
  createdBy: 'admin',
};

function session(about: Partial<Session> = {}): Session {
  const now = clock.now();
  return {
    id: 's1',
    hash: hashToken('token'),
    userId: 'u1',
    createdAtMs: now,
    lastSeenAtMs: now,
    expiresAtMs: now + 7 * 24 * HOUR_MS,
    address: '::1',
    userAgent: null,
    ...about,
  };
}

/** A list of these records, and what it announced as revoked. */
function listOf(records: Partial<AccessRecords>): { list: AccessList; revoked: string[] } {
  const list = new AccessList({ keys: [], users: [], sessions: [], ...records }, clock);
  const revoked: string[] = [];
  list.onRevoked((grantId) => revoked.push(grantId));
  return { list, revoked };
}

const none: AccessRecords = { keys: [], users: [], sessions: [] };

describe('the access list', () => {
  it('lets in who has a key or a session, each for what it is', () => {
    const { list } = listOf({ keys: [testKey('key')], users: [alice], sessions: [session()] });
    expect(list.byKey('key')?.principal.name).toBe('admin');
    expect(list.bySession('token')?.principal.name).toBe('alice');
    expect([list.byKey('token'), list.bySession('key'), list.byKey('')]).toEqual([null, null, null]);
  });

  it('ends a key when it expires, without news from the database', () => {
    const { list, revoked } = listOf({ keys: [testKey('key', { expiresAtMs: clock.now() + HOUR_MS })] });
    clock.advance(HOUR_MS - 1);
    expect(list.byKey('key')).not.toBeNull();
    clock.advance(1);
    expect(list.byKey('key')).toBeNull();
    list.expire();
    expect(revoked).toEqual(['key:1']);
  });

  it('ends a session that is idle for 12 hours, and after 7 days one that never is', () => {
    const { list } = listOf({ users: [alice], sessions: [session()] });
    for (let hours = 0; hours < 7 * 24; hours += 11) {
      expect(list.bySession('token')).not.toBeNull();
      list.expire();
      clock.advance(11 * HOUR_MS);
    }
    expect(list.bySession('token')).toBeNull();
    const { list: idle } = listOf({ users: [alice], sessions: [session()] });
    clock.advance(IDLE_MS);
    expect(idle.bySession('token')).toBeNull();
  });

  it('does not take a session for idle that is in use here, whatever the database knows of that yet', () => {
    const { list, revoked } = listOf({ users: [alice], sessions: [session()] });
    const asStored = list.records;
    clock.advance(IDLE_MS - 1);
    list.bySession('token');
    clock.advance(1);
    list.replace(asStored);
    expect([list.bySession('token')?.id, revoked]).toEqual(['session:s1', []]);
  });

  it.each([
    ['all that is gone', none, ['key:1', 'session:s1']],
    ['a session that is gone', { keys: [testKey('key')], users: [alice] }, ['session:s1']],
    ['a user who is disabled', { keys: [testKey('key')], users: [{ ...alice, isDisabled: true }] }, ['session:s1']],
    ['a user with another role', { keys: [testKey('key')], users: [{ ...alice, role: 'viewer' }] }, ['session:s1']],
    ['a key with other patterns', { keys: [testKey('key', { keyPatterns: ['a*'] })], users: [alice] }, ['key:1']],
    ['nothing, when all is as before', { keys: [testKey('key')], users: [alice] }, []],
  ] as const)('announces %s', (name, records, announced) => {
    const sessions = [session()];
    const { list, revoked } = listOf({ keys: [testKey('key')], users: [alice], sessions });
    list.replace({ ...none, ...records, sessions: name.includes('gone') ? [] : sessions });
    expect(revoked).toEqual(announced);
    expect(list.byKey('key') === null).toBe(records === none);
  });

  it('announces only while somebody listens', () => {
    const { list } = listOf({ keys: [testKey('key')] });
    const heard: string[] = [];
    const stop = list.onRevoked((grantId) => heard.push(grantId));
    stop();
    list.replace(none);
    expect(heard).toEqual([]);
  });
});
