import { z } from 'zod';
import { keyPatterns } from '../config/request-schemas.ts';
import { AUDIT_OPERATIONS, AUDIT_SOURCES } from './audit-record.ts';

const MOST_RECORDS = 500;

/** February has no day 30, which `Date.parse` takes for one in March. */
function isDayThatIs(text: string): boolean {
  const day = text.slice(0, 10);
  const read = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day);
}

/** An instant in ISO 8601, as milliseconds since 1970. */
export const instant = z
  .string()
  .max(40)
  .refine((text) => /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) && !Number.isNaN(Date.parse(text)), {
    message: 'is a time such as 2026-06-01T12:00:00Z, or a day such as 2026-06-01',
  })
  .refine(isDayThatIs, 'is a day that there is')
  .transform((text) => Date.parse(text));

const text = (most: number): z.ZodType<string> =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((one) => one.isWellFormed() && !one.includes('\0'), 'must be UTF-8 text without NUL');

/** Which records of the trail. */
const filter = {
  key: keyPatterns.optional(),
  actor: text(256).optional(),
  operation: z.enum(AUDIT_OPERATIONS).optional(),
  source: z.enum(AUDIT_SOURCES).optional(),
  from: instant.optional(),
  to: instant.optional(),
  text: text(200).optional(),
};

export const cursor = z
  .string()
  .regex(/^\d{1,15}-\d{1,15}$/, 'is the next_cursor of the page before')
  .transform((given) => {
    const [changedAtMs, id] = given.split('-').map(Number) as [number, number];
    return { changedAtMs, id };
  });

export const limit = z
  .string()
  .regex(/^\d{1,4}$/, 'is a whole number')
  .transform(Number)
  .pipe(z.number().min(1, 'is at least 1').max(MOST_RECORDS, `is at most ${MOST_RECORDS}`));

const reveal = z.enum(['true', 'false']).optional();

export const auditQuery = z.strictObject({ ...filter, cursor: cursor.optional(), limit: limit.default(50), reveal });

export const exportQuery = z.strictObject({ ...filter, format: z.enum(['csv', 'jsonl']).default('csv'), reveal });

const signedHead = z.strictObject({
  trail_id: z.string().max(100),
  id: z.number().int().min(0),
  hash: z.string().max(100),
  signed_at: z.string().max(40),
  public_key: z.string().max(200),
  signature: z.string().max(200),
});

export const verifyBody = z.strictObject({ head: signedHead });
