import { describe, expect, it } from 'vitest';
import { Passwords } from './passwords.ts';

const PASSWORD = 'correct horse battery staple';

describe('passwords', () => {
  it('are hashed with argon2id, each with a salt of its own', async () => {
    const passwords = new Passwords();
    const [one, other] = [await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await passwords.isRight(PASSWORD, one)).toBe(true);
    expect(await passwords.isRight(`${PASSWORD}.`, one)).toBe(false);
  });

  it('of nobody are checked all the same, and never right', async () => {
    const passwords = new Passwords();
    await passwords.isRight(PASSWORD, null);
    const hash = await passwords.hash(PASSWORD);
    const timed = async (stored: string | null): Promise<number> => {
      const before = performance.now();
      for (let n = 0; n < 5; n++) expect(await passwords.isRight('wrong', stored)).toBe(false);
      return performance.now() - before;
    };
    const [nobody, somebody] = [await timed(null), await timed(hash)];
    // Without the work it would be a thousandth.
    expect(nobody / somebody).toBeGreaterThan(0.2);
  });

  it('wait for each other in a flood, and refuse what is beyond', async () => {
    const passwords = new Passwords();
    const settled = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.hash(PASSWORD)));
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(60 - 2 - 32);
    expect(refused[0]).toMatchObject({ reason: { code: 'too_many_requests', retryAfterS: 1 } });
    expect(await passwords.hash(PASSWORD)).toContain('argon2id');
  });
});
