import { isKeyPattern, KEY_PATTERN_RULE } from '@mutt/dynamic-config/key-pattern';
import { z } from 'zod';

const text = (most: number): z.ZodType<string> =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((one) => one.isWellFormed() && !one.includes('\0'), 'must be UTF-8 text without NUL');

/** What a URL may be depends on how the server was started: the route says. */
const url = z.string().min(1).max(4_096);

const description = text(500).nullable().optional();

export const webhookParams = z.strictObject({ id: z.string().regex(/^[\w-]{1,100}$/, 'is the id of a webhook') });

export const newWebhookBody = z.strictObject({
  url,
  keys: z.array(z.string().refine(isKeyPattern, KEY_PATTERN_RULE)).min(1).max(20).default(['*']),
  description,
  secret: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/, 'is 16 to 256 visible ASCII characters')
    .optional(),
});

export const webhookUpdateBody = z.strictObject({
  url: url.optional(),
  description,
  enabled: z.boolean().optional(),
  skip_backlog: z.boolean().optional(),
});
