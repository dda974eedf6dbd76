import { z } from 'zod';
import { operation } from '../openapi/operation.ts';

// What `json-shapes.ts` and the routes beside it answer with, for the document.

export const time = z.string().meta({ format: 'date-time' });
export const revisionNumber = z.int().min(0);
const textOrNull = z.string().nullable();
const rewritten = z.array(z.string()).optional().describe('Keys whose values are stored as another text for the same.');
const notices = z.array(z.string()).optional().describe('For whoever made the change.');

const precondition = {
  'if-match': z.string().optional().describe('"<revision>": only if the key is still at it.'),
};
export const idempotency = {
  'idempotency-key': z
    .string()
    .optional()
    .describe('Under one id, a change is applied once, however often it is sent.'),
};

const head = z
  .object({ epoch: z.string(), revision: revisionNumber, hash: z.string() })
  .describe('Where the namespace stands.');

export const entry = z
  .object({ value: z.string(), revision: revisionNumber, changed_at: time.nullable(), changed_by: textOrNull })
  .meta({ id: 'Entry' });

const commitFields = {
  ...head.shape,
  previous_hash: z.string(),
  changed_at: time,
  changed_by: textOrNull,
  reason: textOrNull,
  source: z.enum(['commit', 'out-of-band']),
  request_id: textOrNull,
  correlation_id: textOrNull,
  changes: z.array(
    z.object({
      key: z.string(),
      value: textOrNull.describe('null: deleted.'),
      previous_value: textOrNull.describe('null: there was no entry.'),
      masked: z.literal(true).optional().describe('The values are secret, and not shown.'),
    }),
  ),
};

const commit = z.object(commitFields).meta({ id: 'Commit' });

/** For replies that have an ETag. */
const unlessChanged = {
  requestHeaders: z.object({ 'if-none-match': z.string().optional().describe('304 while nothing has changed.') }),
  others: { 304: z.null().describe('Nothing has changed.') },
};

export const listKeys = operation(
  'config',
  'All keys with their values.',
  z.object({ config: z.record(z.string(), z.string()), count: z.int(), revision: revisionNumber }),
  unlessChanged,
);

export const listEntries = operation(
  'config',
  'Entries with who changed them, and what is wrong with them; secrets are masked.',
  z.object({
    epoch: z.string(),
    revision: revisionNumber,
    entries: z.array(
      z.object({
        key: z.string(),
        ...entry.shape,
        invalid: textOrNull.describe('Why its declared setting refuses the value; null: it does not.'),
        masked: z.boolean().describe('The value is a secret, and not shown.'),
      }),
    ),
  }),
  unlessChanged,
);

export const getKey = operation('config', 'What a key holds.', z.object({ key: z.string(), ...entry.shape }));

export const putKey = operation(
  'config',
  'Sets a key.',
  z.object({ key: z.string(), value: textOrNull, message: z.string(), revision: revisionNumber, notices }),
  {
    requestHeaders: z.object({
      ...precondition,
      'if-none-match': z.string().optional().describe('*: only if the key is not set.'),
      ...idempotency,
    }),
  },
);

export const deleteKey = operation(
  'config',
  'Deletes a key.',
  z.object({ message: z.string(), revision: revisionNumber }),
  { requestHeaders: z.object({ ...precondition, ...idempotency }) },
);

/** With `dry_run`: what would be changed. */
const dryRun = z.object({ dry_run: z.literal(true), revision: revisionNumber, changes: commitFields.changes, notices });

export const postChanges = operation(
  'changes',
  'Applies changes of several keys as one: all, or none.',
  z.union([z.object({ ...commitFields, notices, rewritten }), dryRun]),
);

export const listChanges = operation(
  'changes',
  'The commits in order, in pages.',
  z.object({
    changes: z.array(commit),
    more: z.boolean(),
    next_after: revisionNumber.optional().describe('Where the next page begins.'),
  }),
);

export const getHead = operation('instances', 'Where the namespace stands, while that is proven.', head);

export const getSnapshot = operation(
  'instances',
  'All entries: now, or at a moment.',
  z.object({ ...head.shape, hash: z.string().optional(), entries: z.record(z.string(), entry) }),
);
