/** PostgreSQL writes its log in files of 16 MiB, each made whole: with less it may stop at any commit. */
const ROOM_NEEDED_BYTES = 32 * 1024 * 1024;

/** What is wrong with the disk, if that is why something failed, and what to do; null: it does not look so. */
export function diskProblem(error: unknown, freeBytes: number | null): string | null {
  const isFull = codeOf(error) === '53100' || /no space left|ENOSPC/i.test(messageOf(error));
  if (isFull || (freeBytes !== null && freeBytes < ROOM_NEEDED_BYTES)) {
    const room = freeBytes === null ? '' : ` (${Math.floor(freeBytes / 1024 / 1024)} MiB free)`;
    return `The disk of the data folder is full${room}: make room on it, at least 32 MiB`;
  }
  return /EROFS|read-only file system/i.test(messageOf(error)) ? 'The disk of the data folder is read-only' : null;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
