import { integer, oneOf, text } from '@mutt/dynamic-config';
import { workerSettings } from '../pipeline/worker-settings.ts';

/** What operators may change while alerters run. Declared here once: `muttctl` and the web UI show and check the same. */
export const settings = {
  cache_reload_interval: integer({
    min: 1,
    max: 86_400,
    default: 300,
    unit: 's',
    description: 'How often the alert rules are read again; a change reads them at once',
  }),
  alerter_queue_warn_threshold: integer({
    min: 1,
    max: 10_000_000,
    default: 1_000,
    unit: 'alerts',
    description: 'From this many waiting alerts on, alerters warn that forwarding does not keep up',
  }),
  alerter_queue_shed_threshold: integer({
    min: 2,
    max: 10_000_000,
    default: 2_000,
    unit: 'alerts',
    description: 'From this many waiting alerts on, alerters make no more of them: see alerter_shed_mode',
  }),
  alerter_shed_mode: oneOf(['dlq', 'defer'], {
    default: 'dlq',
    description:
      'While too many alerts wait: dlq sets events that would make one aside in mutt:dlq:alerter, defer leaves all in the ingest queue',
  }),
  alerter_defer_sleep_ms: integer({
    min: 10,
    max: 60_000,
    default: 250,
    unit: 'ms',
    description: 'How long a deferring alerter waits before it looks at the queues again',
  }),
  unhandled_threshold: integer({
    min: 1,
    max: 1_000_000,
    default: 100,
    unit: 'events',
    description: 'Each time that a host has sent this many events in an hour that no rule knows, one alert tells of it',
  }),
  unhandled_keep: integer({
    min: 1,
    max: 1_000_000,
    default: 10_000,
    unit: 'events',
    description: 'How many of the latest events that no rule knows are kept in mutt:unhandled',
  }),
  unhandled_team: text({
    minLength: 1,
    maxLength: 100,
    default: 'noc',
    description: 'Who is told of hosts that send events that no rule knows',
  }),
  ...workerSettings,
};

/** Warned first, shed later: else the warning would come when it is too late. */
export function warnsBeforeShedding(values: {
  readonly alerter_queue_warn_threshold: number;
  readonly alerter_queue_shed_threshold: number;
}): readonly string[] {
  const { alerter_queue_warn_threshold: warn, alerter_queue_shed_threshold: shed } = values;
  if (warn < shed) return [];
  return [`alerter_queue_warn_threshold (${warn}) must be below alerter_queue_shed_threshold (${shed}).`];
}
