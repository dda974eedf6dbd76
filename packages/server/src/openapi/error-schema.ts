import { z } from 'zod';
import { STATUS_OF } from '../errors.ts';

/** How every error looks. */
export const errorReply = z
  .object({
    error: z.string().describe('What happened, and what to do next, as a sentence. It may change.'),
    code: z.enum(Object.keys(STATUS_OF)).describe('For programs. It does not change.'),
    correlation_id: z.string().describe('Also in the header X-Correlation-ID, and in the log.'),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' });
