import { isKeyPattern, KEY_PATTERN_RULE } from '@mutt/dynamic-config/key-pattern';
import { z } from 'zod';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from './passwords.ts';
import { ROLES } from './principal.ts';

const keyPattern = z.string().refine(isKeyPattern, KEY_PATTERN_RULE);

const rights = {
  role: z.enum(ROLES),
  /** Null: all keys. */
  key_patterns: z.array(keyPattern).min(1, 'is null for all keys, or has at least one pattern').max(100).nullish(),
  /** Whether they read secret settings. */
  secrets: z.boolean().optional(),
};

const keyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}$/, 'is 1 to 64 characters of A–Z a–z 0–9 . _ @ - and space');

const userName = z.string().regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, 'is 1 to 64 characters of a–z 0–9 . _ @ -');

/** One that is chosen. Its length is what makes it safe, so nothing else is asked of it. */
const newPassword = z
  .string()
  .min(SHORTEST_PASSWORD, `has at least ${SHORTEST_PASSWORD} characters`)
  .max(LONGEST_PASSWORD, `has at most ${LONGEST_PASSWORD} characters`)
  .refine((text) => text.isWellFormed(), 'must be UTF-8 text');

/** One that is tried. */
const password = z.string().max(LONGEST_PASSWORD);

/** What is none names nothing: the database is not asked. */
const publicName = z
  .string()
  .max(64)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'is UTF-8 text without NUL');

export const idParams = z.strictObject({ id: publicName });
export const nameParams = z.strictObject({ name: publicName });

export const newKeyBody = z.strictObject({
  name: keyName,
  ...rights,
  expires_at: z.iso.datetime({ offset: true, error: 'is a time such as 2027-01-31T00:00:00Z' }).nullish(),
});

export const newUserBody = z.strictObject({ name: userName, password: newPassword, ...rights });

export const userChangeBody = z.strictObject({
  role: rights.role.optional(),
  key_patterns: rights.key_patterns,
  secrets: rights.secrets,
  disabled: z.boolean().optional(),
  password: newPassword.optional(),
});

const lowerCase = publicName.transform((name) => name.toLowerCase());

export const signInBody = z.union(
  [
    z.strictObject({ username: lowerCase, password }),
    z.strictObject({ token: z.string().max(64), password: newPassword, username: userName.default('admin') }),
  ],
  `is { username, password }; or { token, password, username? } of a sign-in link, with a password of at least ${SHORTEST_PASSWORD} characters`,
);

export const newPasswordBody = z.strictObject({ current_password: password, new_password: newPassword });
