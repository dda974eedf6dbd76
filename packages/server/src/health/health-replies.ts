import { z } from 'zod';
import { operation, otherReply } from '../openapi/operation.ts';

export const componentReply = z.object({ status: z.enum(['up', 'down']), message: z.string().optional() });

export const getHealth = operation('operations', 'Whether the process runs.', z.object({ status: z.literal('up') }));

export const getReadiness = operation(
  'operations',
  'Whether what it serves is proven current, and what is wrong.',
  z.object({
    status: z.literal('ready'),
    state: z.enum(['live', 'polling']),
    alarm: z.string().optional(),
    components: z.record(z.string(), componentReply),
  }),
);

export const getMetrics = operation(
  'operations',
  'Figures for Prometheus.',
  otherReply('The text format of Prometheus.', 'text/plain'),
);
