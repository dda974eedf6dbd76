import { isKeyPattern, KEY_PATTERN_RULE } from '@mutt/dynamic-config/key-pattern';
import { z } from 'zod';

/** Why; kept as text, which holds no NUL. */
export const reason = z
  .string()
  .max(2_000)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be UTF-8 text without NUL')
  .nullish();

export const revision = z.number().int().min(0);

/** Set what the declared settings refuse, too: recorded as such. */
export const force = z.boolean().optional();

/** What a value may be is the library's rule: it says so with the key's name. */
const value = z.unknown().meta({ type: ['string', 'number', 'boolean'] });

/** Show secrets, which are masked otherwise. */
export const shownQuery = z.strictObject({ reveal: z.enum(['true', 'false']).optional() });

/** Patterns of keys, with commas between them. */
export const keyPatterns = z
  .string()
  .max(2_000)
  .transform((text) => text.split(','))
  .refine((patterns) => patterns.length <= 20 && patterns.every(isKeyPattern), KEY_PATTERN_RULE);

const MOST_NAMED_KEYS = 100;

/** Keys, each as a parameter of its own. */
export const namedKeys = z
  .union([z.string().transform((key) => [key]), z.array(z.string())])
  .refine((keys) => keys.length <= MOST_NAMED_KEYS, `is given at most ${MOST_NAMED_KEYS} times`);

export const keyParams = z.strictObject({ key: z.string() });

/** Nullish and optional, so that the route itself can say what is missing, in the words that clients know. */
export const setBody = z.strictObject({ value: value.optional(), reason, force }).nullish();

export const deleteBody = z.strictObject({ reason }).nullish();

const setChange = z.strictObject({ key: z.string(), value, if_revision: revision.optional() });
const deleteChange = z.strictObject({ key: z.string(), delete: z.literal(true), if_revision: revision.optional() });

export const changesBody = z.strictObject({
  changes: z.array(z.union([deleteChange, setChange], 'is either { key, value } or { key, delete: true }')),
  reason,
  request_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'is 1 to 128 visible ASCII characters')
    .optional(),
  if_revision: revision.optional(),
  notify: z.boolean().optional(),
  /** Check it, and tell what would change; write nothing. */
  dry_run: z.boolean().optional(),
  force,
});

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'is a whole number from 0')
  .transform(Number);

export const changesQuery = z.strictObject({
  after: wholeNumber.default(0),
  limit: wholeNumber.pipe(z.number().min(1, 'is at least 1').max(500, 'is at most 500')).default(100),
});
