import { setMaxListeners } from 'node:events';
import { ConfigError, InvalidOptionError, OutcomeUnknownError, StoreUnavailableError } from '../errors.ts';
import { DeadlineError, withDeadline } from './deadline.ts';
import { isDefinite, readRefusal, toConfigError } from './refusal.ts';

export interface ApiClientOptions {
  readonly url: string;
  readonly apiKey: string | null;
  readonly userAgent: string;
  readonly timeoutMs: number;
  /** Called when a reply did not come in time: other connections to the server may be as dead. */
  readonly onSilence: (askedAtMs: number) => void;
}

/** Failures to connect: the request was never sent. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

/** What a slow link takes of a large change set: characters a millisecond. */
const SENT_PER_MS = 1_000;

/** The server's API over `fetch`: deadlines, and every failure as an error of this library. */
export class ApiClient {
  /** The URL without what follows its path. */
  readonly location: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #onSilence: (askedAtMs: number) => void;
  readonly #ending = new AbortController();

  /** @throws InvalidOptionError */
  constructor({ url, apiKey, userAgent, timeoutMs, onSilence }: ApiClientOptions) {
    this.location = toBaseUrl(url);
    this.#timeoutMs = timeoutMs;
    this.#onSilence = onSilence;
    // Each request under way listens, and there may be many: that is no leak for Node to warn of.
    setMaxListeners(0, this.#ending.signal);
    if (apiKey !== null && !/^[\x21-\x7e]+$/.test(apiKey)) {
      throw new InvalidOptionError('The API key holds characters that no key has: is it cut, or quoted?');
    }
    this.#headers = { 'user-agent': userAgent, ...(apiKey !== null && { 'x-api-key': apiKey }) };
  }

  /** @throws StoreUnavailableError, AccessDeniedError, StoreRefusedError */
  async get<T>(path: string, decode: (json: unknown) => T): Promise<T> {
    return this.#ask(path, {}, decode);
  }

  /**
   * Sends something that may be sent again at any time.
   *
   * @throws StoreUnavailableError, AccessDeniedError, StoreRefusedError
   */
  async send(path: string, json: unknown): Promise<void> {
    await this.#ask(path, { method: 'POST', body: JSON.stringify(json) }, () => null);
  }

  async #ask<T>(path: string, init: RequestInit, decode: (json: unknown) => T): Promise<T> {
    const { response, body } = await this.#send(path, init).catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    if (!response.ok) throw toConfigError(readRefusal(response.status, body), this.location);
    try {
      return decode(JSON.parse(body));
    } catch (cause) {
      throw new StoreUnavailableError(`What answers at ${this.location} does not speak this server's API.`, { cause });
    }
  }

  /**
   * Sends a change.
   *
   * @throws OutcomeUnknownError when it may have been applied; what it was refused with when it was not.
   */
  async post<T>(
    path: string,
    json: unknown,
    { requestId, correlationId }: { requestId: string; correlationId: string | null },
    decode: (json: unknown) => T,
  ): Promise<T> {
    const headers = correlationId === null ? {} : { 'x-correlation-id': correlationId };
    const { response, body } = await this.#send(path, { method: 'POST', body: JSON.stringify(json), headers }).catch(
      (error: unknown) => {
        throw wasNeverSent(error) ? this.#unreachable(error) : new OutcomeUnknownError(requestId, { cause: error });
      },
    );
    if (!response.ok) {
      const refusal = readRefusal(response.status, body);
      const error = toConfigError(refusal, this.location);
      throw isDefinite(refusal) ? error : new OutcomeUnknownError(requestId, { cause: error });
    }
    try {
      return decode(JSON.parse(body));
    } catch (cause) {
      throw new OutcomeUnknownError(requestId, { cause });
    }
  }

  /**
   * Opens a stream and hands on its text until it ends, or `signal` aborts it.
   *
   * @throws ConfigError always: a stream that ended is a failure, too.
   */
  async stream(path: string, signal: AbortSignal, onText: (text: string) => void): Promise<never> {
    let refusal: ConfigError | null = null;
    try {
      const response = await this.#fetch(path, { headers: { accept: 'text/event-stream' } }, signal);
      if (!response.ok || response.body === null) {
        refusal = toConfigError(readRefusal(response.status, await response.text()), this.location);
      } else {
        const decoder = new TextDecoder();
        for await (const chunk of response.body) onText(decoder.decode(chunk as Uint8Array, { stream: true }));
      }
    } catch (error) {
      throw this.#unreachable(signal.aborted ? signal.reason : error);
    }
    throw refusal ?? this.#unreachable(new Error('the stream ended'));
  }

  /** Aborts what is under way. */
  close(reason: ConfigError): void {
    this.#ending.abort(reason);
  }

  async #send(path: string, init: RequestInit): Promise<{ response: Response; body: string }> {
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
    };
    const askedAtMs = performance.now();
    const length = typeof init.body === 'string' ? init.body.length : 0;
    try {
      return await withDeadline(this.#timeoutMs + length / SENT_PER_MS, this.#ending.signal, async (signal, alive) => {
        const response = await this.#fetch(path, { ...init, headers }, signal);
        return { response, body: await readText(response, alive) };
      });
    } catch (error) {
      if (error instanceof DeadlineError) this.#onSilence(askedAtMs);
      throw error;
    }
  }

  async #fetch(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    return fetch(`${this.location}/api/v1/${path}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...this.#headers },
      signal,
      // A redirect would take the API key along, wherever it leads.
      redirect: 'manual',
    });
  }

  #unreachable(error: unknown): ConfigError {
    if (this.#ending.signal.aborted) return this.#ending.signal.reason as ConfigError;
    if (error instanceof ConfigError) return error;
    const why = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : '';
    return new StoreUnavailableError(`The server at ${this.location} cannot be reached: ${why}.`, { cause: error });
  }
}

/** The body as it arrives: a large one may take longer than the wait for an answer, as long as there is more of it. */
async function readText({ body }: Response, onPiece: () => void): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body) {
    onPiece();
    text += decoder.decode(piece as Uint8Array, { stream: true });
  }
  return text + decoder.decode();
}

function wasNeverSent(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : null;
  // Several addresses were tried, one after the other.
  const failures: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  return failures.every(
    (failure) => failure instanceof Error && 'code' in failure && NEVER_SENT.includes(String(failure.code)),
  );
}

function toBaseUrl(url: string): string {
  const { protocol, host, pathname, username, password } = parse(url);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new InvalidOptionError('The URL of a server begins with http:// or https://.');
  }
  if (username !== '' || password !== '') {
    throw new InvalidOptionError(`The URL of the server at ${host} holds credentials: give an apiKey instead.`);
  }
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch (cause) {
    throw new InvalidOptionError('The URL of the server cannot be read: it looks like https://host.', { cause });
  }
}
