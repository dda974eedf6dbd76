import { z } from 'zod';
import { auditRecord } from '../audit/audit-replies.ts';
import { entry, revisionNumber, idempotency } from '../config/config-replies.ts';
import { operation } from '../openapi/operation.ts';

const point = z.object({ epoch: z.string(), revision: revisionNumber });

export const getKeyHistory = operation(
  'history',
  'What happened to a key, the latest first, in pages.',
  z.object({ key: z.string(), records: z.array(auditRecord), next_cursor: z.string().nullable() }),
);

export const getDiff = operation(
  'history',
  'What differs between two moments.',
  z.object({
    from: point,
    to: point,
    changes: z.array(z.object({ key: z.string(), from: entry.nullable(), to: entry.nullable() })),
  }),
);

export const rollBackKey = operation(
  'history',
  'Undoes a change of a key, or puts back what it held.',
  z.object({ key: z.string(), value: z.string().nullable(), message: z.string(), revision: revisionNumber }),
  { requestHeaders: z.object(idempotency) },
);

export const rollBackChangeSet = operation(
  'history',
  'Undoes a change set.',
  z.object({ message: z.string(), revision: revisionNumber, keys: z.array(z.string()) }),
  { requestHeaders: z.object(idempotency) },
);

export const restoreValues = operation(
  'history',
  'Puts back what an emptied store lost, or gives it up.',
  z.object({ restored: z.int().optional(), given_up: z.int().optional(), revision: revisionNumber }),
);
