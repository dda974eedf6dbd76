import { EXIT_CODES, type FailureCode } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { withProgress } from './progress.ts';
import type { Target } from './target.ts';

const TIMEOUT_MS = 30_000;

/**
 * Asks a server for what is no part of the library: a POST, answered with an object.
 *
 * @throws Failure
 */
export async function postToServer(target: Target, path: string, body: unknown): Promise<Record<string, unknown>> {
  return askServer(target, { method: 'POST', path, body });
}

/** The same, as a GET. */
export async function getFromServer(target: Target, path: string): Promise<Record<string, unknown>> {
  return askServer(target, { method: 'GET', path });
}

/** Only what is no GET may have done something. */
export interface ServerRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default: 30 s. */
  readonly timeoutMs?: number;
  /** What is said where it takes long; null: nothing, since whoever asks says it. */
  readonly progress?: string | null;
}

/**
 * Asks a server for anything, answered with an object.
 *
 * @throws Failure
 */
export async function askServer(target: Target, request: ServerRequest): Promise<Record<string, unknown>> {
  const { progress = `Asking ${target.location} …`, timeoutMs = TIMEOUT_MS } = request;
  const answer = async (): Promise<Record<string, unknown>> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetchFrom(target, request, signal);
    const text = await response.text().catch((cause: unknown) => {
      throw noAnswer(target, request, cause);
    });
    const json = parse(text);
    if (response.ok && json !== null) return json;
    throw refusal(target, response.status, json);
  };
  return progress === null ? answer() : withProgress(progress, answer());
}

/**
 * Asks a server for a file, of any size.
 *
 * @param options timeoutMs: how long it may send nothing.
 * @throws Failure also while it is read: for a file that ends before it is whole.
 */
export async function* streamFromServer(
  target: Target,
  path: string,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): AsyncIterable<Uint8Array> {
  const request = { method: 'GET', path } as const;
  const silence = new AbortController();
  const giveUp = (): void => silence.abort(new DOMException('It sent nothing for too long.', 'TimeoutError'));
  let timer = setTimeout(giveUp, timeoutMs);
  let isBegun = false;
  try {
    const response = await fetchFrom(target, request, silence.signal);
    if (!response.ok) throw refusal(target, response.status, parse(await response.text()));
    isBegun = true;
    for await (const chunk of response.body ?? []) {
      // Whoever reads may take their time: a pager does.
      clearTimeout(timer);
      yield chunk as Uint8Array;
      timer = setTimeout(giveUp, timeoutMs);
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw isBegun
      ? new Failure('store_unavailable', `${target.location} stopped before it had sent everything.`, { cause })
      : noAnswer(target, request, cause);
  } finally {
    clearTimeout(timer);
    // Whoever reads no further does not want the rest.
    silence.abort();
  }
}

async function fetchFrom(
  target: Target,
  request: Pick<ServerRequest, 'method' | 'path' | 'body'>,
  signal: AbortSignal,
): Promise<Response> {
  const { method, path, body } = request;
  try {
    return await fetch(`${target.url.replace(/\/+$/, '')}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(target.apiKey !== undefined && { 'x-api-key': target.apiKey }),
      },
      signal,
      // A redirect would take the API key along, wherever it leads.
      redirect: 'manual',
    });
  } catch (cause) {
    throw noAnswer(target, request, cause);
  }
}

function noAnswer(target: Target, { method }: Pick<ServerRequest, 'method'>, cause: unknown): Failure {
  if (cause instanceof Error && (cause.name === 'TimeoutError' || isHeadersTimeout(cause))) {
    const code = method === 'GET' ? 'store_unavailable' : 'outcome_unknown';
    return new Failure(code, `${target.location} did not answer in time.`, { cause });
  }
  return new Failure('store_unavailable', `The server at ${target.location} cannot be reached.`, { cause });
}

/** `fetch` has a limit of its own, of five minutes. */
function isHeadersTimeout({ cause }: Error): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'UND_ERR_HEADERS_TIMEOUT';
}

function refusal(target: Target, status: number, json: Record<string, unknown> | null): Failure {
  const { code, error } = json ?? {};
  const message = typeof error === 'string' ? error : `${target.location} answered with status ${status}.`;
  return new Failure(toFailureCode(code, status), message);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : null;
  } catch {
    // A proxy's page.
    return null;
  }
}

function toFailureCode(code: unknown, status: number): FailureCode {
  if (typeof code === 'string' && Object.hasOwn(EXIT_CODES, code)) return code as FailureCode;
  if (code === 'request_invalid') return 'usage';
  if (status >= 500) return 'store_unavailable';
  return 'store_refused';
}
