import { StoreRefusedError } from '../errors.ts';
import type { RedisSession, Reply } from './session.ts';

/** Not every user may ask: `unknown`, then, is what is returned. */
export async function isPrimary(session: RedisSession, unknown = true): Promise<boolean> {
  try {
    const [role] = (await session.send(['ROLE'])) as readonly Reply[];
    return role === 'master';
  } catch (error) {
    if (error instanceof StoreRefusedError) return unknown;
    throw error;
  }
}
