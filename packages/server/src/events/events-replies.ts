import { z } from 'zod';
import { operation, otherReply } from '../openapi/operation.ts';

export const streamEvents = operation(
  'events',
  'Changes as they happen, as server-sent events: commit, invalidated, observed and reset, after connected.',
  otherReply('The id of each event is epoch:revision.', 'text/event-stream'),
  { requestHeaders: z.object({ 'last-event-id': z.string().optional().describe('Goes on after that event.') }) },
);
