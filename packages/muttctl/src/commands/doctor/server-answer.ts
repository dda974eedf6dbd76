import type { Target } from '../../target.ts';

const TIMEOUT_MS = 5_000;

/** What a server answered, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** `text` as JSON; empty where it is no object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** By its own clock; NaN: it does not say. */
  readonly dateMs: number;
  /** How long it took. */
  readonly ms: number;
}

/** Asks with a GET. A status is no failure here: it is what was to be found out. */
export async function answerOf(target: Target, path: string): Promise<Answer> {
  const start = performance.now();
  const response = await fetchAs(target, path, AbortSignal.timeout(TIMEOUT_MS));
  const text = await response.text();
  const ms = performance.now() - start;
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  return { status: response.status, text, body: parse(text), dateMs, ms };
}

export async function fetchAs({ url, apiKey }: Target, path: string, signal: AbortSignal): Promise<Response> {
  return fetch(`${url.replace(/\/+$/, '')}${path}`, {
    headers: apiKey === undefined ? {} : { 'x-api-key': apiKey },
    signal,
    // A redirect would take the API key along, wherever it leads.
    redirect: 'manual',
  });
}

/** The sentence that a text is; null: it is none. */
export function sentence(text: unknown): string | null {
  return typeof text === 'string' ? text : null;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    // A proxy's page, or no JSON at all.
    return {};
  }
}
