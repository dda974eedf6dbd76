import { StoreRefusedError } from '../errors.ts';
import type { RedisNamespace } from './namespace.ts';
import type { RedisSession } from './session.ts';

/** Moves a consumer group of the log to a revision, and makes the group where there is none: what it has not read stays. */
export async function holdLog(
  session: RedisSession,
  { log }: RedisNamespace,
  group: string,
  revision: number,
): Promise<void> {
  const id = `${revision}-0`;
  try {
    await session.send(['XGROUP', 'SETID', log, group, id]);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await session.send(['XGROUP', 'CREATE', log, group, id]).catch((failed: unknown) => {
      // Made meanwhile by another one; or there is no log, and nothing to hold.
      if (!isMissing(failed) && !says(failed, 'BUSYGROUP')) throw failed;
    });
  }
}

function isMissing(error: unknown): boolean {
  return says(error, 'NOGROUP') || says(error, 'ERR The XGROUP subcommand requires the key to exist');
}

function says(error: unknown, start: string): boolean {
  return error instanceof StoreRefusedError && error.cause instanceof Error && error.cause.message.startsWith(start);
}
