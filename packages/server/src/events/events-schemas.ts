import { z } from 'zod';
import { keyPatterns } from '../config/request-schemas.ts';

export const eventsQuery = z.strictObject({
  keys: keyPatterns.optional(),
  /** For clients that cannot set the header `Last-Event-ID`. */
  last_event_id: z.string().max(128).optional(),
});
