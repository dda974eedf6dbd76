import { hash, verify } from '@node-rs/argon2';
import { TooManyRequestsError } from '../errors.ts';
import { newSecretToken } from './secret-token.ts';

export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 256;

/** Of argon2: in KiB, passes and threads. */
export interface HashCost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** argon2id. One of these takes 19 MiB for some 30 ms. */
const COST: HashCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const AT_ONCE = 2;
const MOST_WAITING = 32;

/** Hashes and checks passwords, a few at a time: a flood of sign-ins takes neither all memory nor all cores. */
export class Passwords {
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #nobodys: Promise<string> | null = null;
  readonly #cost: HashCost;

  /** @param cost what one costs; less for tests only, which hash hundreds. */
  constructor(cost: HashCost = COST) {
    this.#cost = cost;
  }

  /** @throws TooManyRequestsError when many others wait already. */
  async hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, this.#cost));
  }

  /**
   * Takes as long where there is no such user (`null`).
   *
   * @throws TooManyRequestsError when many others wait already.
   */
  async isRight(password: string, passwordHash: string | null): Promise<boolean> {
    return this.#inTurn(async () => {
      this.#nobodys ??= hash(newSecretToken(), this.#cost);
      const isRight = await verify(passwordHash ?? (await this.#nobodys), password);
      return isRight && passwordHash !== null;
    });
  }

  async #inTurn<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING) {
        throw new TooManyRequestsError('Too many people sign in at once. Try again in a moment.', 1_000);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await task();
    } finally {
      // A turn is handed on to who waits longest.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
