import { describe, expect, it } from 'vitest';
import type { AdminKey } from './auth/admin-key.ts';
import { startScreen } from './start-screen.ts';

const KEY = 'mutt_1234567890123456789012345678901234567890123';

function screen(
  adminKey: Omit<AdminKey, 'id'>,
  server: { url?: string; entriesIn?: string; signInLink?: string } = {},
): string {
  const { url = 'http://127.0.0.1:8090', entriesIn = '/data', signInLink = null } = server;
  return startScreen({
    url,
    entriesIn,
    databaseIn: '/data',
    adminKey: { id: '1', ...adminKey },
    signInLink,
    close: async () => {},
  });
}

describe('the start screen', () => {
  it('says where the server is, where entries live, and what to try', () => {
    const text = screen({ origin: 'generated', key: KEY });
    expect(text).toContain('MUTT dynamic configuration is at http://127.0.0.1:8090');
    expect(text).toContain('/data (embedded database)');
    expect(text).toContain(`-H "X-API-Key: ${KEY}"`);
    expect(text).toContain(`MUTT_API_KEY=${KEY} npx muttctl config get greeting`);
  });

  it('names the address where it is not the usual one, and the Redis beside the folder of the keys', () => {
    const text = screen({ origin: 'kept', key: null }, { url: 'http://127.0.0.1:9', entriesIn: 'redis://h:6379' });
    expect(text).toContain('MUTT_CONFIG_URL=http://127.0.0.1:9 npx muttctl');
    expect(text).toMatch(/Entries +redis:\/\/h:6379\n +Audit +\/data/);
  });

  it('shows the link to sign in with, when one was made', () => {
    const link = 'http://127.0.0.1:8090/sign-in#token=x';
    expect(screen({ origin: 'kept', key: null }, { signInLink: link })).toContain(`Sign in   ${link} (once`);
    expect(screen({ origin: 'kept', key: null })).not.toContain('Sign in');
  });

  it.each([
    ['generated', KEY, 'shown only now'],
    ['taken', 'x'.repeat(40), 'the one in MUTT_API_KEY'],
    ['taken', 'pa55word', 'too weak'],
    ['kept', null, 'npm start -- --new-api-key'],
    ['none', null, 'was revoked'],
    ['kept-despite-wanted', null, 'does not work'],
  ] as const)('shows a key that is %s only when nobody else knows it', (origin, key, says) => {
    const text = screen({ origin, key });
    expect(text).toContain(says);
    if (origin !== 'generated' && key !== null) expect(text).not.toContain(key);
  });
});
