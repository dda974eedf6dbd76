import { Failure } from './failure.ts';
import { withProgress } from './progress.ts';

const TIMEOUT_MS = 30_000;
const TOKEN = /__Host-mutt_session=([\w-]{43})/;

/** A session of somebody, with the token that opens it. */
export interface SignedIn {
  readonly token: string;
  readonly user: string;
  readonly role: string;
  readonly expiresAt: string | null;
}

/**
 * Signs somebody in at a server. The token is in the cookie that a browser would keep.
 *
 * @throws Failure
 */
export async function signIn(url: string, username: string, password: string): Promise<SignedIn> {
  const { response, json } = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const [, token] = TOKEN.exec(response.headers.get('set-cookie') ?? '') ?? [];
  if (token !== undefined) return toSignedIn(json, token);
  throw new Failure('store_refused', `${url} answered without a session: is it a server of dynamic configuration?`);
}

/**
 * Who an API key or the token of a session opens the server as.
 *
 * @throws Failure also where it opens nothing.
 */
export async function whoIs(url: string, token: string): Promise<SignedIn> {
  const { json } = await ask(url, { method: 'GET', headers: { 'x-api-key': token } });
  return toSignedIn(json, token);
}

/**
 * Ends a session.
 *
 * @throws Failure
 */
export async function signOut(url: string, token: string): Promise<void> {
  await ask(url, { method: 'DELETE', headers: { 'x-api-key': token } });
}

interface Answer {
  readonly response: Response;
  readonly json: Readonly<Record<string, unknown>>;
}

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const response = await withProgress(`Asking ${url} …`, send(url, init));
  const json = await response.json().then(
    (body) => body as Record<string, unknown> | null,
    () => null,
  );
  if (response.ok && json !== null) return { response, json };
  const { error, code } = json ?? {};
  throw new Failure(
    code === 'unauthorized' ? 'unauthorized' : response.status >= 500 ? 'store_unavailable' : 'store_refused',
    typeof error === 'string' ? error : `${url} answered with status ${response.status}: is it a server of ours?`,
  );
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url}/api/v1/session`, {
      ...init,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // A redirect would take the password along, wherever it leads.
      redirect: 'manual',
    });
  } catch (cause) {
    const isLate = cause instanceof Error && cause.name === 'TimeoutError';
    throw new Failure(
      'store_unavailable',
      isLate ? `${url} did not answer in time.` : `The server at ${url} cannot be reached.`,
      { cause },
    );
  }
}

function toSignedIn(json: Readonly<Record<string, unknown>>, token: string): SignedIn {
  const { name, role, expires_at: expiresAt } = json;
  return { token, user: String(name), role: String(role), expiresAt: typeof expiresAt === 'string' ? expiresAt : null };
}
