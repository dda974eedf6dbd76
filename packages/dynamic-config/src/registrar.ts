import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import { encodeRegistration } from './registration.ts';
import { serviceOfProcess } from './service.ts';
import { describeSetting } from './settings/description.ts';
import type { Setting } from './settings/setting.ts';
import type { ConfigStore, Registration } from './store.ts';

/** How often an instance says that it runs. Spread, so that a fleet doesn't at once. */
const RENEW_MS = 5 * 60_000;
const RETRY_MS = 30_000;

export interface RegistrarOptions {
  readonly store: ConfigStore;
  readonly registration: Registration;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
}

/** Lets the namespace know what this instance declares, for as long as it runs. Whoever may only read is warned once. */
export class Registrar {
  readonly #options: RegistrarOptions;
  #cancel: (() => void) | null = null;
  #registering: Promise<void> = Promise.resolve();
  #isStarted = false;
  #hasWarned = false;
  #stopped = false;

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** Does nothing when it is started already. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#renew();
  }

  #renew(): void {
    this.#registering = this.#register();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#registering;
  }

  async #register(): Promise<void> {
    const { store, registration, logger } = this.#options;
    try {
      await store.register(registration);
      this.#again(RENEW_MS);
    } catch (error) {
      this.#again(RETRY_MS);
      if (this.#hasWarned || this.#stopped) return;
      this.#hasWarned = true;
      logger.warn(`Others cannot see the settings that are declared here: ${(error as Error).message}`);
    }
  }

  #again(delayMs: number): void {
    if (this.#stopped) return;
    const spreadMs = delayMs * (0.9 + this.#options.random() / 5);
    this.#cancel = this.#options.clock.after(spreadMs, () => this.#renew());
  }
}

/**
 * What an instance declares, and who it is: by default what npm says of the program that it runs, or the name of its file.
 *
 * @throws InvalidOptionError
 */
export function registrationOf(
  settings: ReadonlyMap<string, Setting<unknown>>,
  service = serviceOfProcess(),
): Registration {
  const described = [...settings].map(([key, setting]) => [key, describeSetting(setting)] as const);
  const { name, version = '' } = service;
  const registration = { service: name, version, settings: Object.fromEntries(described) };
  // Refused here, where it is declared, rather than by the store later on.
  encodeRegistration(registration);
  return registration;
}
