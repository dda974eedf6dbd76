import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisSession, Reply } from './session.ts';

/** A Lua script of `lua/`, sent by its digest, and whole when Redis does not know it. */
export class Script {
  readonly #source: string;
  readonly #sha1: string;

  constructor(name: string) {
    this.#source = readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8');
    this.#sha1 = createHash('sha1').update(this.#source).digest('hex');
  }

  async run(session: RedisSession, keys: readonly string[], args: readonly string[]): Promise<Reply> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await session.send(['EVALSHA', this.#sha1, ...rest]);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return session.send(['EVAL', this.#source, ...rest]);
    }
  }
}

/** A restart or SCRIPT FLUSH forgot the script: nothing was run. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message.startsWith('NOSCRIPT');
}
