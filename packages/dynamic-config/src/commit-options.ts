import { randomUUID } from 'node:crypto';
import { assertRevision } from './change-set.ts';
import type { ChangeOptions } from './connect-options.ts';
import { InvalidOptionError } from './errors.ts';
import type { CommitOptions } from './store.ts';

/** Longest reason, in characters. */
const MAX_REASON_LENGTH = 2_000;
const MAX_AUTHOR_LENGTH = 256;

/**
 * Checks the options of a change set before anything reaches the network, and fills in what is left out.
 *
 * @throws InvalidOptionError, InvalidChangeSetError
 */
export function toCommitOptions(options: ChangeOptions, author: string): CommitOptions {
  const {
    reason = null,
    changedBy = author,
    notify = true,
    ifRevision = null,
    requestId = randomUUID(),
    correlationId = null,
    force = false,
  } = options ?? {};
  if (reason !== null) assertText('reason', reason, MAX_REASON_LENGTH);
  assertText('changedBy', changedBy, MAX_AUTHOR_LENGTH);
  // The index knows out-of-band writes by their missing author.
  if (changedBy === '') throw new InvalidOptionError('changedBy must name somebody.');
  if (typeof notify !== 'boolean') throw new InvalidOptionError('notify must be true or false.');
  if (typeof force !== 'boolean') throw new InvalidOptionError('force must be true or false.');
  assertId('requestId', requestId);
  if (correlationId !== null) assertId('correlationId', correlationId);
  if (ifRevision !== null) assertRevision(ifRevision);
  return { requestId, changedBy, reason, notify, ifRevision, correlationId, ...(force && { force }) };
}

function assertId(name: string, id: unknown): void {
  if (typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id)) return;
  throw new InvalidOptionError(`${name} must be 1 to 128 visible ASCII characters.`);
}

function assertText(name: string, text: unknown, most: number): void {
  if (typeof text === 'string' && text.length <= most && text.isWellFormed() && !text.includes('\0')) return;
  throw new InvalidOptionError(`${name} must be UTF-8 text of at most ${most} characters, without NUL.`);
}
