import { ApiError } from './api-error.ts';

const DEADLINE_MS = 30_000;

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
}

/** There, 401 says that a password is wrong. */
const ASK_FOR_PASSWORD: ReadonlySet<string> = new Set(['/session', '/session/password']);

const endListeners = new Set<() => void>();

/** Calls the listener when the server says that nobody is signed in (any more). */
export function onSignedOut(listener: () => void): () => void {
  endListeners.add(listener);
  return () => void endListeners.delete(listener);
}

/**
 * Asks the server for JSON, under `/api/v1`.
 *
 * @throws ApiError
 */
export async function request<Reply>(path: string, options: RequestOptions = {}): Promise<Reply> {
  const response = await send(path, options);
  const json = await readJson(response);
  if (response.ok) return json as Reply;
  if (response.status === 401 && !ASK_FOR_PASSWORD.has(path)) for (const listener of endListeners) listener();
  throw toError(response, json);
}

/** Whether the server raises the alarm that its store came back empty; no, where it does not say. */
export async function isStoreEmptied(deadlineMs: number): Promise<boolean> {
  try {
    const response = await fetch('/readyz', { signal: AbortSignal.timeout(deadlineMs) });
    return ((await response.json()) as { alarm?: string } | null)?.alarm === 'store_emptied';
  } catch {
    return false;
  }
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const { method = 'GET', body, signal, deadlineMs = DEADLINE_MS } = options;
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      credentials: 'same-origin',
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    const sentence = deadline.aborted
      ? 'The server did not answer in time.'
      : 'The server cannot be reached. Is it running, and are you on its network?';
    const isWrite = method !== 'GET';
    throw new ApiError(isWrite ? `${sentence} Look at the history before you try again.` : sentence, {
      code: 'unreachable',
      status: 0,
      cause,
    });
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // A proxy's page, or an answer that was cut.
    return null;
  }
}

function toError(response: Response, json: unknown): ApiError {
  const { error, code, details, correlation_id } = (json ?? {}) as Record<string, unknown>;
  const message = typeof error === 'string' ? error : `The server answered with status ${response.status}.`;
  return new ApiError(message, {
    code: typeof code === 'string' ? code : 'unknown',
    status: response.status,
    details: typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
    correlationId: typeof correlation_id === 'string' ? correlation_id : null,
    retryAfterSeconds: Number.parseInt(response.headers.get('retry-after') ?? '', 10) || null,
  });
}
