import { duration, integer } from '@mutt/dynamic-config';
import { workerSettings } from '../pipeline/worker-settings.ts';

/** What an operator can turn while the forwarder runs. Each is read where it is used, so a change needs no restart. */
export const settings = {
  moog_rate_limit: integer({
    min: 1,
    max: 10_000,
    default: 100,
    unit: 'alerts/s',
    description: 'Alerts sent to Moog per second, by all forwarders together.',
  }),
  moog_batch_size: integer({
    min: 1,
    max: 1_000,
    default: 100,
    unit: 'alerts',
    description: 'Most alerts that one request to Moog carries.',
  }),
  moog_timeout: duration({
    min: 100,
    max: 300_000,
    default: 10_000,
    description: 'How long Moog may take to answer one request.',
  }),
  moog_retry_base: duration({
    min: 1,
    max: 60_000,
    default: 200,
    description: 'Longest wait after a first failure; it doubles with every further failure in a row.',
  }),
  moog_retry_max: duration({
    min: 1,
    max: 600_000,
    default: 30_000,
    description: 'Longest wait between two tries, whatever Moog asks for in Retry-After.',
  }),
  moog_max_attempts: integer({
    min: 3,
    max: 1_000,
    default: 10,
    unit: 'attempts',
    description: 'An alert that failed so often, while Moog took others, goes to the dead letters.',
  }),
  moog_breaker_threshold: integer({
    min: 2,
    max: 1_000,
    default: 5,
    unit: 'failures',
    description: 'Failures in a row after which Moog is left alone for a while.',
  }),
  moog_breaker_open: duration({
    min: 100,
    max: 3_600_000,
    default: 10_000,
    description: 'How long Moog is left alone before one alert is tried.',
  }),
  ...workerSettings,
};
