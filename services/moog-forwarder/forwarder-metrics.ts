import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Breaker } from './breaker.ts';

const STATES = ['closed', 'half_open', 'open'] as const satisfies readonly Breaker['state'][];

export type ForwarderMetrics = ReturnType<typeof forwarderMetrics>;

/** What operators see of a forwarder. */
export function forwarderMetrics(metrics: Registry, breaker: () => Breaker['state']) {
  const registers = [metrics];
  const state: Gauge<'state'> = new Gauge({
    name: 'mutt_moog_breaker_state',
    help: '1 for the state that the circuit breaker is in',
    labelNames: ['state'],
    registers,
    collect: () => {
      for (const one of STATES) state.set({ state: one }, one === breaker() ? 1 : 0);
    },
  });
  return {
    forwarded: new Counter({ name: 'mutt_moog_forwarded_total', help: 'Alerts that Moog took', registers }),
    permits: new Counter({ name: 'mutt_moog_permits_total', help: 'Alerts that the rate limit let pass', registers }),
    failures: new Counter({
      name: 'mutt_moog_failures_total',
      help: 'Requests that Moog did not take, by what was wrong',
      labelNames: ['kind'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'mutt_moog_dead_letters_total',
      help: 'Alerts moved to the dead letters',
      registers,
    }),
    dlqSize: new Gauge({ name: 'mutt_moog_dlq_size', help: 'Dead letters, as last seen', registers }),
    inFlight: new Gauge({ name: 'mutt_moog_in_flight', help: 'Alerts on their way to Moog', registers }),
    seconds: new Histogram({
      name: 'mutt_moog_request_seconds',
      help: 'How long Moog took to answer',
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
  };
}
