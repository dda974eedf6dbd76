import { Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

const BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** How long requests took. By route rather than path, so that nobody can make up new series. */
export class RequestTimes {
  readonly #histogram: Histogram<'method' | 'route' | 'status'>;

  constructor(registry: Registry) {
    this.#histogram = new Histogram({
      name: 'mutt_http_request_duration_seconds',
      help: 'Time from a request to the end of its reply; streams are left out.',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS_S,
      registers: [registry],
    });
  }

  observe(method: string, route: string, status: number, ms: number): void {
    this.#histogram.observe({ method, route, status }, ms / 1_000);
  }
}
