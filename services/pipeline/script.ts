import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packageFile } from './package-file.ts';
import type { Redis } from './redis.ts';

/** A script of `lua/`, sent by its digest, and whole when Redis does not know it. */
export class Script {
  readonly #source: string;
  readonly #sha1: string;

  constructor(name: string) {
    this.#source = readFileSync(packageFile(`lua/${name}.lua`), 'utf8');
    this.#sha1 = createHash('sha1').update(this.#source).digest('hex');
  }

  async run(redis: Redis, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const options = { keys: [...keys], arguments: [...args] };
    try {
      return await redis.evalSha(this.#sha1, options);
    } catch (error) {
      // A restart or SCRIPT FLUSH forgot the script: nothing was run.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(this.#source, options);
    }
  }
}
