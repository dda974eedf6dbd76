import { InvalidOptionError } from './errors.ts';
import { ChangeStream } from './change-stream.ts';
import type { Logger } from './logger.ts';
import { Callbacks } from './replica/callbacks.ts';
import type { CallbackErrorListener, ChangeCallback } from './replica/callbacks.ts';
import type { Update } from './replica/replica.ts';
import type { State, Status } from './status.ts';

/** Told of a new state, and of alarms. */
export type StateListener = (state: State, status: Status) => void;

/** All who want to know what becomes of an instance. Nothing that they do disturbs it, or one another. */
export class Notifier {
  readonly #logger: Logger;
  readonly #callbacks: Callbacks;
  readonly #subscribers = new Set<(update: Update) => void>();
  readonly #stateListeners = new Set<StateListener>();
  readonly #streams = new Set<ChangeStream>();

  constructor(logger: Logger, onError: CallbackErrorListener | undefined) {
    this.#logger = logger;
    const log: CallbackErrorListener = (error, key) =>
      logger.error(`The callback of ${key} failed: ${describe(error)}`);
    this.#callbacks = new Callbacks((error, key) => this.#call('onError', () => (onError ?? log)(error, key)));
  }

  registerCallback(pattern: string, callback: ChangeCallback): () => void {
    return this.#callbacks.register(pattern, callable('callback', callback));
  }

  subscribe(listener: (update: Update) => void): () => void {
    return add(this.#subscribers, callable('listener', listener));
  }

  onStateChange(listener: StateListener): () => void {
    return add(this.#stateListeners, callable('listener', listener));
  }

  changes(): ChangeStream {
    const stream: ChangeStream = new ChangeStream(() => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  updated(update: Update): void {
    for (const listener of this.#subscribers) this.#call('A subscriber', () => listener(update));
    this.#callbacks.deliver(update.changes);
    for (const stream of this.#streams) for (const change of update.changes) stream.push(change);
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

  #call(who: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#logger.error(`${who} failed: ${describe(error)}`);
    }
  }
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
