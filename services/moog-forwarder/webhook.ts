import { createHash, randomUUID } from 'node:crypto';
import type { Alert } from '../pipeline/event.ts';
import { answerOf } from './answer.ts';
import type { Answer } from './answer.ts';

/** More of an answer is not read. */
const MOST_BYTES = 64 * 1024;

export interface WebhookOptions {
  readonly url: string;
  /** Goes out as it is, in `Authorization`. */
  readonly apiKey?: string | undefined;
  /** For a request from its beginning to the end of its answer. Asked anew each time. */
  readonly timeoutMs: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Where Moog takes alerts. */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #requests = new Set<AbortController>();

  /** @throws Error for an address that nothing can be sent to */
  constructor(options: WebhookOptions) {
    const url = URL.canParse(options.url) ? new URL(options.url) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new Error('MOOG_WEBHOOK_URL must be where Moog takes alerts: an address with http:// or https://.');
    }
    const { username, password } = url;
    if (username !== '' || password !== '') throw new Error('MOOG_WEBHOOK_URL holds a password: use MOOG_API_KEY.');
    this.#options = options;
  }

  /** Never rejects. Whether an unanswered request arrived is unknown: the same alerts have the same Idempotency-Key. */
  async post(alerts: readonly Alert[]): Promise<Answer> {
    const { url, timeoutMs, now } = this.#options;
    const request = new AbortController();
    const timer = setTimeout(() => request.abort(new Error('timeout')), timeoutMs());
    this.#requests.add(request);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: this.#headers(alerts),
        body: JSON.stringify({ alerts }),
        redirect: 'manual',
        signal: request.signal,
      });
      const body = await beginningOf(response);
      return answerOf(response.status, response.headers.get('retry-after'), body, now());
    } catch (error) {
      if (request.signal.aborted) return abortedAnswer(request.signal);
      return { outcome: 'failed', kind: 'network', reason: sentence(error), retryAfterMs: 0 };
    } finally {
      clearTimeout(timer);
      this.#requests.delete(request);
    }
  }

  /** Cuts off the requests that are under way. */
  abandon(): void {
    for (const request of this.#requests) request.abort(ABANDONED);
  }

  #headers(alerts: readonly Alert[]): Record<string, string> {
    const { apiKey } = this.#options;
    return {
      'content-type': 'application/json',
      'x-correlation-id': correlationId(alerts),
      'idempotency-key': createHash('sha256')
        .update(JSON.stringify(alerts.map(({ id }) => id)))
        .digest('hex'),
      ...(apiKey !== undefined && apiKey !== '' && { authorization: apiKey }),
    };
  }
}

const ABANDONED = new Error('abandoned');

function abortedAnswer({ reason }: AbortSignal): Answer {
  if (reason === ABANDONED) return { outcome: 'abandoned' };
  return { outcome: 'failed', kind: 'timeout', reason: 'no answer in time', retryAfterMs: 0 };
}

/** The event's, for one; several have theirs inside. What a header can't hold is none. */
function correlationId(alerts: readonly Alert[]): string {
  const [id = ''] = alerts.length === 1 ? alerts.map(({ event }) => event.correlation_id) : [];
  return /^[\x21-\x7e]{1,128}$/.test(id) ? id : randomUUID();
}

/** What could be read of an answer. Its status is known already, so no trouble with the rest changes what became of it. */
async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      // Leaving the loop cancels the rest.
      if (bytes >= MOST_BYTES) break;
    }
  } catch {
    // Cut off, or too slow.
  }
  return Buffer.concat(chunks).toString();
}

/** `fetch` hides what happened in the cause. */
function sentence(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
