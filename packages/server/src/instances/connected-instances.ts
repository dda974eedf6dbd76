import { parseInstanceName } from '@mutt/dynamic-config';
import type { Listeners } from '@mutt/dynamic-config';
import type { EventHub } from '../events/event-hub.ts';
import type { OpenStream } from '../events/stream-group.ts';
import type { WallClock } from '../wall-clock.ts';

/** An instance that keeps current by this namespace. */
export interface Instance {
  readonly id: string;
  /** null: it doesn't say, like all else that is null. */
  readonly service: string | null;
  readonly version: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly address: string | null;
  readonly connectedAtMs: number;
  readonly via: 'redis' | 'http';
  /** The name of the API key that it came with. */
  readonly apiKey: string | null;
}

/** Who keeps current by this namespace, as far as one server can tell. */
export interface Connected {
  readonly instances: readonly Instance[];
  /** How many there are, also of those that are not listed. */
  readonly count: number;
  /** Legacy peers, and whoever else listens; null: not known. */
  readonly otherSubscribers: number | null;
  /** Event streams of people who are signed in, here. */
  readonly people: number;
  /** Why this is not all, as a sentence; null: it is. */
  readonly incomplete: string | null;
}

export interface ConnectedInstancesOptions {
  readonly hub: Pick<EventHub, 'listeners'>;
  /** Who listens to the store itself; left out where nobody can but this server. */
  readonly listeners?: (() => Promise<Listeners>) | undefined;
  readonly clock: Pick<WallClock, 'now'>;
}

/** One look at the store does for all who ask within this time: it is work for the store. */
const FRESH_MS = 1_000;
/** Listed of the streams here; more are only counted. */
const MOST_STREAMS = 1_000;
const NOBODY: Listeners = { instances: [], count: 0, otherSubscribers: 0, incomplete: null };

/** Looks who is connected: to the store, and to this server by an event stream. */
export class ConnectedInstances {
  readonly #options: ConnectedInstancesOptions;
  #look: Promise<Listeners & { readonly atMs: number }> | null = null;

  constructor(options: ConnectedInstancesOptions) {
    this.#options = options;
  }

  async current(): Promise<Connected> {
    const { atMs, ...store } = await this.#listeners();
    const direct = store.instances.map(({ connectedForS, ...instance }): Instance => {
      return { ...instance, connectedAtMs: atMs - connectedForS * 1_000, via: 'redis', apiKey: null };
    });
    const streams = [...this.#options.hub.listeners()];
    const programs = streams.filter(({ isPerson }) => !isPerson);
    const remote = programs.slice(0, MOST_STREAMS).map(toInstance);
    return {
      instances: [...direct, ...remote].toSorted(byService),
      count: (store.count ?? direct.length) + programs.length,
      otherSubscribers: store.otherSubscribers,
      people: streams.length - programs.length,
      incomplete: store.incomplete,
    };
  }

  async #listeners(): Promise<Listeners & { readonly atMs: number }> {
    const { listeners, clock } = this.#options;
    if (listeners === undefined) return { ...NOBODY, atMs: clock.now() };
    const last = this.#look;
    const known = await last;
    if (known !== null && Math.abs(clock.now() - known.atMs) < FRESH_MS) return known;
    // Perhaps somebody else has begun to look meanwhile.
    if (this.#look === last || this.#look === null) this.#look = this.#lookAt(listeners);
    return this.#look;
  }

  async #lookAt(listeners: () => Promise<Listeners>): Promise<Listeners & { readonly atMs: number }> {
    const { clock } = this.#options;
    try {
      return { ...(await listeners()), atMs: clock.now() };
    } catch {
      const incomplete =
        'The store does not say who is connected to it: is it out of reach? See the log of the server.';
      return { ...NOBODY, otherSubscribers: null, incomplete, atMs: clock.now() };
    }
  }
}

function toInstance({ name, address, userAgent, openedAtMs }: OpenStream, n: number): Instance {
  const told = parseInstanceName(userAgent ?? '');
  const { id = `stream-${openedAtMs}-${n}`, service = null, version = null, host = null, pid = null } = told ?? {};
  return { id, service, version, host, pid, address, connectedAtMs: openedAtMs, via: 'http', apiKey: name };
}

/** Those that don't say who they are last; of each service, the longest connected first. */
function byService(a: Instance, b: Instance): number {
  if (a.service !== b.service) return a.service === null ? 1 : b.service === null ? -1 : a.service < b.service ? -1 : 1;
  return a.connectedAtMs - b.connectedAtMs;
}
