import { ClosedError, InvalidOptionError } from '../errors.ts';
import type { Service } from '../service.ts';
import type {
  Change,
  CommitOptions,
  ConfigStore,
  Head,
  HistoryQuery,
  LoggedCommit,
  Reading,
  Registration,
  Registrations,
  Snapshot,
  StoreListener,
  Unwatch,
} from '../store.ts';
import { formatInstanceName, newInstanceName } from '../instance-name.ts';
import { registrationJson } from '../registration.ts';
import { ApiClient } from './api-client.ts';
import { toHead, toHistoryPage, toLoggedCommit, toRegistrations, toSnapshot } from './decode.ts';
import type { HistoryPage } from './decode.ts';
import { EventStream } from './event-stream.ts';

export interface HttpStoreOptions {
  /** An API key of the server. */
  readonly apiKey?: string;
  /** Who this is, for whoever looks who is connected. Default: as for `connect`. */
  readonly service?: Service;
  /** Longest wait for a reply, or for more of it, in milliseconds. Default 5,000; a second more for each MB sent. */
  readonly timeoutMs?: number;
  /** After so many milliseconds without a sign of life the events are asked for anew. Default 25,000. */
  readonly silenceMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
/** The server sends something every 10 s. */
const DEFAULT_SILENCE_MS = 25_000;
const HISTORY_PAGE = 500;

/**
 * Entries behind a server's API, for places with no access to its store. Changes arrive as server-sent events.
 *
 * The server records its API key's name as the author of changes: `changedBy` has no effect here.
 */
export class HttpStore implements ConfigStore {
  readonly location: string;
  readonly #client: ApiClient;
  readonly #timeoutMs: number;
  readonly #silenceMs: number;
  #stream: EventStream | null = null;
  #closed = false;

  private constructor(url: string, options: HttpStoreOptions) {
    const { apiKey = null, timeoutMs = DEFAULT_TIMEOUT_MS, silenceMs = DEFAULT_SILENCE_MS } = options;
    this.#client = new ApiClient({
      url,
      apiKey,
      userAgent: formatInstanceName(newInstanceName(options.service)),
      timeoutMs: positive('timeoutMs', timeoutMs),
      onSilence: (askedAtMs) => this.#stream?.doubt(askedAtMs),
    });
    this.#timeoutMs = timeoutMs;
    this.#silenceMs = positive('silenceMs', silenceMs);
    this.location = this.#client.location;
  }

  /**
   * Connects on first use.
   *
   * @param url `http[s]://host[:port][/path]`
   * @throws InvalidOptionError
   */
  static open(url: string, options: HttpStoreOptions = {}): HttpStore {
    return new HttpStore(url, options);
  }

  async load(): Promise<Snapshot> {
    this.#assertOpen();
    return this.#client.get('snapshot', toSnapshot);
  }

  /** Loads everything: the server pushes values, so this is rarely asked, and a snapshot is as consistent as it must be. */
  async read(keys: readonly string[]): Promise<Reading> {
    const { head, entries } = await this.load();
    return { head, entries: new Map(keys.map((key) => [key, entries.get(key) ?? null])) };
  }

  async head(): Promise<Head> {
    this.#assertOpen();
    return this.#client.get('head', toHead);
  }

  async commit(changes: readonly Change[], options: CommitOptions): Promise<LoggedCommit> {
    this.#assertOpen();
    const { requestId, reason, notify, ifRevision, correlationId = null, force = false } = options;
    const body = {
      changes: changes.map(({ key, value, ifRevision: revision }) => ({
        key,
        ...(value === null ? { delete: true } : { value }),
        ...(revision !== null && { if_revision: revision }),
      })),
      request_id: requestId,
      reason,
      notify,
      ...(ifRevision !== null && { if_revision: ifRevision }),
      ...(force && { force }),
    };
    return this.#client.post('changes', body, { requestId, correlationId }, toLoggedCommit);
  }

  watch(listener: StoreListener): Unwatch {
    this.#assertOpen();
    const stream = new EventStream({
      client: this.#client,
      listener,
      timeoutMs: this.#timeoutMs,
      silenceMs: this.#silenceMs,
    });
    this.#stream = stream;
    return () => stream.stop();
  }

  async *history({ afterRevision }: HistoryQuery): AsyncIterable<LoggedCommit> {
    for (let after: number | null = afterRevision; after !== null;) {
      this.#assertOpen();
      const { commits, nextAfter }: HistoryPage = await this.#client.get(
        `changes?after=${after}&limit=${HISTORY_PAGE}`,
        toHistoryPage,
      );
      yield* commits;
      after = nextAfter;
    }
  }

  async register(registration: Registration): Promise<void> {
    this.#assertOpen();
    await this.#client.send('settings', registrationJson(registration));
  }

  async registrations(): Promise<Registrations> {
    this.#assertOpen();
    return this.#client.get('settings', toRegistrations);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#stream?.stop();
    this.#client.close(new ClosedError('The store'));
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('The store');
  }
}

function positive(name: string, ms: number): number {
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw new InvalidOptionError(`${name} is a number of milliseconds above 0, not ${ms}.`);
}
