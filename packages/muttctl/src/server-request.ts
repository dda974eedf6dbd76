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
  return ask(target, path, { method: 'POST', body: JSON.stringify(body) });
}

/** The same, as a GET. */
export async function getFromServer(target: Target, path: string): Promise<Record<string, unknown>> {
  return ask(target, path, { method: 'GET' });
}

/** Only what is sent may have done something. */
type Request = { readonly method: 'GET' } | { readonly method: 'POST'; readonly body: string };

async function ask(target: Target, path: string, request: Request): Promise<Record<string, unknown>> {
  const { response, text } = await withProgress(`Asking ${target.location} …`, send(target, path, request));
  const json = parse(text);
  if (response.ok && json !== null) return json;
  const { code, error } = json ?? {};
  const message = typeof error === 'string' ? error : `${target.location} answered with status ${response.status}.`;
  throw new Failure(toFailureCode(code, response.status), message);
}

async function send(target: Target, path: string, request: Request): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(`${target.url.replace(/\/+$/, '')}${path}`, {
      ...request,
      headers: {
        ...(request.method === 'POST' && { 'content-type': 'application/json' }),
        ...(target.apiKey !== undefined && { 'x-api-key': target.apiKey }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // A redirect would take the API key along, wherever it leads.
      redirect: 'manual',
    });
    return { response, text: await response.text() };
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'TimeoutError') {
      throw new Failure(
        request.method === 'POST' ? 'outcome_unknown' : 'store_unavailable',
        `${target.location} did not answer in time.`,
        { cause },
      );
    }
    throw new Failure('store_unavailable', `The server at ${target.location} cannot be reached.`, { cause });
  }
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
