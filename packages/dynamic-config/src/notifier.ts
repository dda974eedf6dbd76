import type { AppliedChange } from './applied-change.ts';
import { InvalidOptionError } from './errors.ts';
import { ChangeStream } from './change-stream.ts';
import type { Logger } from './logger.ts';
import { Callbacks } from './replica/callbacks.ts';
import type { CallbackErrorListener, ChangeCallback } from './replica/callbacks.ts';
import type { Update } from './replica/replica.ts';
import type { InvalidSetting } from './settings/setting-values.ts';
import type { State, Status } from './status.ts';

/** Told of a new state, and of alarms. */
export type StateListener = (state: State, status: Status) => void;

export interface NotifierOptions {
  readonly onError?: CallbackErrorListener | undefined;
  readonly onInvalid?: ((invalid: InvalidSetting) => void) | undefined;
}

/** All who want to know what becomes of an instance. Nothing that they do disturbs it, or one another. */
export class Notifier {
  readonly #logger: Logger;
  readonly #onInvalid: (invalid: InvalidSetting) => void;
  readonly #callbacks: Callbacks;
  readonly #subscribers = new Set<(update: Update) => void>();
  readonly #stateListeners = new Set<StateListener>();
  readonly #streams = new Set<ChangeStream<unknown>>();

  constructor(logger: Logger, { onError, onInvalid }: NotifierOptions) {
    this.#logger = logger;
    this.#onInvalid =
      onInvalid ?? (({ problem }) => logger.warn(`${problem} The last good value, or the default, stays in force.`));
    const log: CallbackErrorListener = (error, key) =>
      logger.error(`The callback of ${key} failed: ${describe(error)}`);
    this.#callbacks = new Callbacks((error, key) => this.#call('onError', () => (onError ?? log)(error, key)));
  }

  registerCallback(pattern: string, callback: ChangeCallback<unknown>): () => void {
    return this.#callbacks.register(pattern, callable('callback', callback));
  }

  subscribe(listener: (update: Update) => void): () => void {
    return add(this.#subscribers, callable('listener', listener));
  }

  onStateChange(listener: StateListener): () => void {
    return add(this.#stateListeners, callable('listener', listener));
  }

  changes(): ChangeStream<unknown> {
    const stream: ChangeStream<unknown> = new ChangeStream(() => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  /** @param changes what changed in what is served. */
  updated(update: Update, changes: readonly AppliedChange<unknown>[]): void {
    for (const listener of this.#subscribers) this.#call('A subscriber', () => listener(update));
    this.#callbacks.deliver(changes);
    for (const stream of this.#streams) for (const change of changes) stream.push(change);
  }

  /** A stored value is not served. */
  refused(invalid: InvalidSetting): void {
    // The step that it came with is not done yet.
    queueMicrotask(() => this.#call('onInvalid', () => this.#onInvalid(invalid)));
  }

  stateChanged(state: State, status: Status): void {
    for (const listener of this.#stateListeners) {
      this.#call('A listener of state changes', () => listener(state, status));
    }
  }

  /** Nothing is told any more, but for states. */
  stop(): void {
    this.#callbacks.stop();
    this.#subscribers.clear();
    for (const stream of this.#streams) stream.end();
  }

  /** What a listener throws, or, being `async`, rejects with is logged. Nobody waits for it. */
  #call(who: string, call: () => unknown): void {
    const failed = (error: unknown): void => this.#logger.error(`${who} failed: ${describe(error)}`);
    try {
      const returned = call();
      if (isThenable(returned)) Promise.resolve(returned).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function add<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** @throws InvalidOptionError */
function callable<T>(what: string, value: T): T {
  if (typeof value === 'function') return value;
  throw new InvalidOptionError(`The ${what} must be a function, not ${String(value)}.`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
