import { z } from 'zod';

/** Bytes, as UTF-8. */
export const MAX_MESSAGE_BYTES = 32 * 1024;

const ID = /^[\w.:-]{1,128}$/;

/** What a client sends: an event without what the ingestor adds. */
export const newEventSchema = z.strictObject({
  /** The client's own, so that it can repeat a request whose answer it did not get. */
  id: z.string().regex(ID, 'must be 1 to 128 letters, digits, _ . : or -').optional(),
  timestamp: z.iso.datetime({ offset: true, local: true, error: 'must be a time as ISO 8601 writes it' }),
  message: z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= MAX_MESSAGE_BYTES, `must be at most ${MAX_MESSAGE_BYTES} bytes`),
  hostname: z.string().min(1).max(255),
  severity: z.int().min(0).max(7).optional(),
  facility: z.int().min(0).max(23).optional(),
  app_name: z.string().max(255).optional(),
  /** Of an SNMP trap. */
  oid: z
    .string()
    .max(512)
    .regex(/^\.?\d+(\.\d+)*$/, 'must be numbers with dots between them')
    .optional(),
  correlation_id: z.string().regex(ID, 'must be 1 to 128 letters, digits, _ . : or -').optional(),
});

/** An event as it lies in the ingest queue. What a peer of another version adds is kept. */
export const eventSchema = z.looseObject({
  id: z.string().min(1).max(128),
  timestamp: z.string(),
  message: z.string(),
  hostname: z.string(),
  severity: z.int().min(0).max(7).optional(),
  facility: z.int().min(0).max(23).optional(),
  app_name: z.string().optional(),
  oid: z.string().optional(),
  source: z.enum(['http', 'syslog_udp', 'syslog_tcp']).default('http'),
  correlation_id: z.string().default(''),
  received_at: z.string().default(''),
  /** How often working on it failed. */
  attempts: z.int().min(0).optional(),
});

/** What is sent to Moog for an event. */
export const alertSchema = z.looseObject({
  /** The event's. */
  id: z.string().min(1).max(128),
  rule: z.string(),
  /** The lower, the more urgent. */
  priority: z.number(),
  handling: z.enum(['page', 'ticket']),
  team: z.string(),
  environment: z.enum(['prod', 'dev']),
  event: eventSchema,
  /** How often sending it failed. */
  attempts: z.int().min(0).optional(),
});

export type NewEvent = z.infer<typeof newEventSchema>;
export type Event = z.infer<typeof eventSchema>;
export type Alert = z.infer<typeof alertSchema>;
