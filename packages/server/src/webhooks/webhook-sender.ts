import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';
import { signatureOf } from './signature.ts';
import { hostOf, notPublic, problemWithUrl } from './webhook-url.ts';
import type { Outcome, Receiver } from './webhook.ts';

export interface WebhookSenderOptions {
  /** Allows addresses that are not public, and http. */
  readonly allowPrivate: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** All addresses of a host. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
  /** For all of an attempt: DNS, connecting, sending, the answer. */
  readonly deadlineMs?: number;
}

/** Of an answer. Nobody reads it, but a receiver must be able to end its answer. */
const MOST_ANSWER_BYTES = 1_024;
const LONGEST_ERROR = 500;

/** Sends one signed request per delivery: without redirects, and to no address that was not looked at. */
export class WebhookSender {
  readonly #options: Required<WebhookSenderOptions>;

  constructor(options: WebhookSenderOptions) {
    this.#options = {
      now: Date.now,
      resolve: (host) => lookup(host, { all: true }),
      deadlineMs: 10_000,
      ...options,
    };
  }

  /**
   * One attempt. Never rejects, but when it is told to stop.
   *
   * @param stop ends it at once.
   * @throws the reason of `stop`.
   */
  async send(receiver: Receiver, deliveryId: string, body: string, stop: AbortSignal): Promise<Outcome> {
    const { deadlineMs } = this.#options;
    const deadline = AbortSignal.timeout(deadlineMs);
    const ended = AbortSignal.any([deadline, stop]);
    try {
      const url = new URL(receiver.url);
      const addresses = await until(ended, this.#addressesOf(url));
      const status = await post(url, { addresses, headers: this.#headers(receiver, deliveryId, body), body, ended });
      return outcomeOf(status);
    } catch (error) {
      stop.throwIfAborted();
      const why = deadline.aborted ? `There was no answer within ${deadlineMs} ms.` : describe(error);
      return { isDelivered: false, responseStatus: null, error: why };
    }
  }

  /** Looked up once: what is checked is what is connected to, whatever DNS says a moment later. */
  async #addressesOf(url: URL): Promise<readonly LookupAddress[]> {
    const { allowPrivate, resolve } = this.#options;
    // A URL may have been accepted by a server that allows more.
    const problem = problemWithUrl(url.href, { allowPrivate });
    if (problem !== null) throw new Error(problem);
    const host = hostOf(url);
    const family = isIP(host);
    const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
    if (addresses.length === 0) throw new Error(`${host} has no address.`);
    const refused = addresses.find(({ address }) => !allowPrivate && !isPublicAddress(address));
    if (refused !== undefined) throw new Error(`${host} cannot be used: ${notPublic(refused.address)}`);
    return addresses;
  }

  #headers({ webhookId, secret }: Receiver, deliveryId: string, body: string): Record<string, string> {
    const timestamp = String(Math.floor(this.#options.now() / 1_000));
    return {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'mutt-webhooks',
      'x-mutt-webhook-id': webhookId,
      'x-mutt-delivery': deliveryId,
      'x-mutt-timestamp': timestamp,
      'x-mutt-signature': signatureOf(secret, timestamp, body),
    };
  }
}

interface Post {
  readonly addresses: readonly LookupAddress[];
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly ended: AbortSignal;
}

/** Resolves with the status of the answer, once as much of it was read as ever is. */
async function post(url: URL, { addresses, headers, body, ended }: Post): Promise<number> {
  const options: RequestOptions = {
    method: 'POST',
    headers,
    // A connection of its own: none that is kept could lead elsewhere.
    agent: false,
    signal: ended,
    lookup: (_host, { all }, callback) => {
      const [first] = addresses as [LookupAddress];
      if (all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    },
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    let isAnswered = false;
    request.on('error', reject);
    // Without an error: an answer that is none, such as an upgrade.
    request.on('close', () => {
      if (!isAnswered) reject(new Error('The connection was closed without an answer.'));
    });
    request.on('response', (response) => {
      isAnswered = true;
      readLittle(response).then(() => {
        request.destroy();
        resolve(response.statusCode ?? 0);
      }, reject);
    });
    request.end(body);
  });
}

async function readLittle(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_ANSWER_BYTES) return;
  }
}

function outcomeOf(responseStatus: number): Outcome {
  if (responseStatus >= 200 && responseStatus < 300) return { isDelivered: true, responseStatus };
  const isRedirect = responseStatus >= 300 && responseStatus < 400;
  const error = `The receiver answered ${responseStatus}${isRedirect ? ': redirects are not followed' : ''}.`;
  return { isDelivered: false, responseStatus, error };
}

/** Why an attempt failed, as text for the database. Part of it may be what the receiver said. */
function describe(error: unknown): string {
  const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error as Error];
  const text = errors.map(({ message }) => message).join('; ');
  return text.toWellFormed().replaceAll('\0', '').slice(0, LONGEST_ERROR);
}

/** A promise, or the end of the wait for it. */
async function until<T>(ended: AbortSignal, promise: Promise<T>): Promise<T> {
  ended.throwIfAborted();
  let stop = (): void => {};
  const over = new Promise<never>((_, reject) => {
    stop = () => reject(ended.reason as Error);
    ended.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    ended.removeEventListener('abort', stop);
  }
}
