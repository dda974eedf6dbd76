import { z } from 'zod';
import { revisionNumber, time } from '../config/config-replies.ts';
import { componentReply } from '../health/health-replies.ts';
import { operation } from '../openapi/operation.ts';

export const getOverview = operation(
  'operations',
  'How it goes, at a glance, and what to do where something is wrong.',
  z.object({
    epoch: z.string(),
    revision: revisionNumber,
    keys: z.int().describe('That have a value.'),
    declared: z.int().describe('Settings that services declare.'),
    unset: z.int().describe('Declared settings without a value: their defaults hold.'),
    undeclared: z.int().describe('Keys with a value that no service declares, while services declare any.'),
    invalid: z.object({
      count: z.int(),
      values: z
        .array(z.object({ key: z.string(), value: z.string(), masked: z.boolean(), rule: z.string() }))
        .describe('The first 100.'),
    }),
    drift: z
      .object({ out_of_band: z.int().describe('Changes of the last 24 hours that went to the store directly.') })
      .nullable(),
    audit: z
      .object({
        backlog: z.int().nullable().describe('Revisions that it lacks as yet; null: not known.'),
        last_recorded_at: time.nullable(),
        gaps: z.int(),
      })
      .nullable()
      .describe('null: there is no trail, or its database does not answer.'),
    state: z.enum(['live', 'polling', 'stale', 'offline']),
    components: z.record(z.string(), componentReply),
    alarm: z.object({ code: z.string(), keys: z.int() }).nullable(),
    changes_per_hour: z
      .array(z.object({ hour: time, count: z.int() }))
      .nullable()
      .describe('The last 48 hours.'),
    problems: z.array(
      z.object({
        code: z.string(),
        severity: z.enum(['critical', 'warning']),
        sentence: z.string(),
        what_to_do: z.string(),
      }),
    ),
  }),
);

export const getTrends = operation(
  'history',
  'The numbers among the last 24 values of each key, the oldest first: for small plots.',
  z.object({
    trends: z.record(z.string(), z.array(z.object({ value: z.number(), changed_at: time }))),
  }),
);
