import { z } from 'zod';

/** How the fake behaves, and how badly. */
export const modeSchema = z.strictObject({
  mode: z.enum(['ok', 'slow', 'failing', 'busy', 'strict', 'hanging', 'redirect', 'reset', 'rubbish']),
  /** Before each answer; `slow` without it: 200. */
  delay_ms: z.int().min(0).max(600_000).optional(),
  /** How many of its requests `failing` fails, from 0 to 1. Default: all. */
  fail_rate: z.number().min(0).max(1).optional(),
});

export type Mode = z.infer<typeof modeSchema>;

export const SLOW_MS = 200;
