import { z } from 'zod';
import { time } from '../config/config-replies.ts';
import { operation } from '../openapi/operation.ts';

const textOrNull = z.string().nullable();
const anyObject = z.record(z.string(), z.unknown());

const description = {
  type: z.string(),
  rule: anyObject,
  json_schema: anyObject.describe('JSON Schema, draft 2020-12, of its values.'),
  default: textOrNull,
  description: textOrNull,
  unit: textOrNull,
  deprecated: textOrNull,
  requires_restart: z.boolean(),
  secret: z.boolean(),
};

/** The settings in it are checked by the library, which says more of what is wrong. */
export const registrationBody = z.strictObject({
  service: z.string(),
  version: z.string(),
  settings: z.record(z.string(), z.unknown()),
});

export const listSettings = operation(
  'settings',
  'What services declare of their settings.',
  z.object({
    settings: z.array(
      z.object({
        key: z.string(),
        ...description,
        declared_by: z.array(z.object({ service: z.string(), version: z.string() })),
        conflict: textOrNull,
      }),
    ),
    count: z.int(),
    services: z.array(
      z.object({
        service: z.string(),
        version: z.string(),
        settings: z.record(z.string(), z.object(description)),
        registered_at: time,
        seen_at: time,
      }),
    ),
    now: time,
  }),
);

export const declareSettings = operation(
  'settings',
  'Declares settings on behalf of a service; to be repeated while it runs.',
  z.object({ message: z.string() }),
);
