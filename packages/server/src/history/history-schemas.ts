import { z } from 'zod';
import { cursor, instant, limit } from '../audit/audit-schemas.ts';
import { force, reason, revision } from '../config/request-schemas.ts';

/** A moment: a time, a revision, or a revision of an epoch (`epoch:revision`). */
export const point = z.union(
  [
    z
      .string()
      .regex(/^([\w-]{1,64}:)?\d{1,15}$/)
      .transform((text) => {
        const [last = '', epoch] = text.split(':').toReversed();
        return { revision: Number(last), epoch };
      }),
    instant.transform((timeMs) => ({ timeMs })),
  ],
  'is a time such as 2026-06-01T12:00:00Z, a revision, or epoch:revision',
);

const reveal = z.enum(['true', 'false']).optional();

export const historyQuery = z.strictObject({ cursor: cursor.optional(), limit: limit.default(50), reveal });

export const snapshotQuery = z.strictObject({ at: point.optional(), reveal });

export const diffQuery = z.strictObject({ from: point, to: point.optional(), reveal });

/** `revision`: undo what it did, left out: the last change. `to_revision`: put back what the key held then. */
export const keyRollbackBody = z
  .strictObject({
    revision: revision.optional(),
    to_revision: revision.optional(),
    if_revision: revision.optional(),
    reason,
    force,
  })
  .refine((body) => body.revision === undefined || body.to_revision === undefined, {
    message: 'takes either revision or to_revision',
  })
  .nullish();

export const changeSetParams = z.strictObject({
  revision: z
    .string()
    .regex(/^\d{1,15}$/, 'is a whole number')
    .transform(Number),
});

export const changeSetRollbackBody = z.strictObject({ reason, force }).nullish();
