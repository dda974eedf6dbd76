import { boolean, duration, integer, oneOf, secret, text } from '@mutt/dynamic-config';

export const settings = {
  moog_rate_limit: integer({
    min: 1,
    max: 10_000,
    default: 100,
    unit: 'alerts/s',
    description: 'Most alerts sent to Moog',
  }),
  cache_reload_interval: integer({
    min: 1,
    default: 300,
    unit: 's',
    description: 'How often the rules\nare read again',
  }),
  debug_mode: boolean({ default: false, requiresRestart: true }),
  flush_every: duration({ min: 1_000, max: 300_000, default: 30_000 }),
  shed_mode: oneOf(['dlq', 'defer'], { default: 'dlq', deprecated: 'use overload_mode | nothing' }),
  banner: text({ pattern: /[a-z|]*/, default: 'a|b', description: 'Shown in <b>bold</b>' }),
  smtp_password: secret({ minLength: 8 }),
};
