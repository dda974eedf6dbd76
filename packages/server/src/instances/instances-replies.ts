import { z } from 'zod';
import { time } from '../config/config-replies.ts';
import { operation } from '../openapi/operation.ts';

const textOrNull = z.string().nullable();

export const listInstances = operation(
  'instances',
  'Which instances are connected.',
  z.object({
    instances: z.array(
      z.object({
        id: z.string(),
        service: textOrNull.describe('null: it does not say.'),
        version: textOrNull,
        host: textOrNull,
        pid: z.int().nullable(),
        address: textOrNull,
        connected_at: time,
        via: z.enum(['redis', 'http']),
        api_key: textOrNull.describe('The name of the key with which it came by HTTP.'),
      }),
    ),
    count: z.int().describe('Of all, also where not all are listed.'),
    other_subscribers: z.int().nullable().describe('Legacy peers, and whoever else listens; null: not known.'),
    people: z.int().describe('Event streams of people who are signed in, here.'),
    incomplete: z.string().optional().describe('Why this is not all.'),
  }),
);
