import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import { ReplacedFile } from './replaced-file.ts';
import type { Loss } from './replica/replica.ts';
import type { Entry, Head } from './store.ts';

/** What an instance knew when a file was written. */
export interface SavedState {
  readonly head: Head;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly loss: Loss | null;
  /** Of keys whose entry is refused, the text of what was served instead. */
  readonly lastGood: ReadonlyMap<string, string>;
}

/** The same, to be written while the instance goes on: entries that change no more. */
interface StateToSave {
  readonly head: Head;
  readonly size: number;
  readonly entries: Iterable<readonly [key: string, entry: Entry]>;
  readonly loss: Loss | null;
  readonly lastGood: ReadonlyMap<string, string>;
}

export interface SnapshotFileOptions {
  readonly path: string;
  /** Where the entries live: a file of another place is refused. */
  readonly location: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What to write, when it is time to. */
  readonly state: () => StateToSave;
}

const FORMAT = 'mutt-snapshot-1';
/** Changes within so many milliseconds are written together. */
const DELAY_MS = 1_000;
const RETRY_MS = 30_000;
/** Lines that are made without a pause: a few milliseconds. */
const SLICE = 2_000;

interface Header {
  readonly format: typeof FORMAT;
  readonly location: string;
  readonly saved_at: string;
  readonly head: Head;
  readonly entries: number;
  readonly loss: { readonly head: Head; readonly keys: readonly string[] } | null;
  /** Absent in files of before. */
  readonly last_good?: readonly (readonly [key: string, text: string])[];
}

type Line = readonly [
  key: string,
  value: string,
  revision: number,
  changedAtMs: number | null,
  changedBy: string | null,
];

/**
 * The last known good values on disk, for a start without the store: a header, a line for each entry, and the SHA-256 of
 * all that.
 */
export class SnapshotFile {
  readonly #options: SnapshotFileOptions;
  readonly #file: ReplacedFile;
  #cancel: (() => void) | null = null;
  #writing: Promise<void> | null = null;
  #isFailing = false;

  constructor(options: SnapshotFileOptions) {
    this.#options = options;
    this.#file = new ReplacedFile(options.path);
  }

  /**
   * What the file holds; null when there is none, or, with a warning, when it cannot be trusted. To be asked at the start:
   * what a crash left beside the file is removed.
   */
  async read(): Promise<SavedState | null> {
    const { path, location, logger } = this.#options;
    await this.#file.removeLeftovers();
    let bytes;
    try {
      bytes = await readFile(path);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') logger.warn(`The snapshot file ${path} cannot be read (${message}).`);
      return null;
    }
    try {
      return await decode(bytes, location);
    } catch (error) {
      logger.warn(`The snapshot file ${path} is not used: ${(error as Error).message}.`);
      return null;
    }
  }

  /** Something changed: it is written soon, together with what else changes until then. */
  changed(delayMs = DELAY_MS): void {
    if (this.#cancel !== null) return;
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#cancel = null;
      void this.#write();
    });
  }

  /** Writes what waits to be written. */
  async close(): Promise<void> {
    await this.#writing;
    if (!this.#stopWaiting()) return;
    await this.#write();
    this.#stopWaiting();
  }

  /** True when something waited to be written. */
  #stopWaiting(): boolean {
    const cancel = this.#cancel;
    this.#cancel = null;
    cancel?.();
    return cancel !== null;
  }

  async #write(): Promise<void> {
    // What changed while a write was under way is in the next one.
    if (this.#writing !== null) return this.changed();
    const { path, logger } = this.#options;
    this.#writing = this.#replace();
    try {
      await this.#writing;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) logger.warn(`The snapshot file ${path} cannot be written (${(error as Error).message}).`);
      this.#isFailing = true;
      this.changed(RETRY_MS);
    } finally {
      this.#writing = null;
    }
  }

  async #replace(): Promise<void> {
    const { location, state } = this.#options;
    const { head, size, entries, loss, lastGood } = state();
    const header: Header = {
      format: FORMAT,
      location,
      saved_at: new Date().toISOString(),
      head,
      entries: size,
      loss: loss === null ? null : { head: loss.head, keys: [...loss.keys] },
      last_good: [...lastGood],
    };
    await this.#file.replace((file) => writeLines(file, header, entries));
  }
}

async function writeLines(file: FileHandle, header: Header, entries: StateToSave['entries']): Promise<void> {
  const hash = createHash('sha256');
  await append(file, hash, `${JSON.stringify(header)}\n`);
  let lines = '';
  let count = 0;
  for (const [key, { value, revision, changedAtMs, changedBy }] of entries) {
    const line: Line = [key, value, revision, changedAtMs, changedBy];
    lines += `${JSON.stringify(line)}\n`;
    if (++count % SLICE !== 0) continue;
    await append(file, hash, lines);
    lines = '';
  }
  await append(file, hash, lines);
  await file.appendFile(`${hash.digest('hex')}\n`);
}

async function append(file: FileHandle, hash: Hash, text: string): Promise<void> {
  hash.update(text);
  // Not `write`: that one may write less than all of it, as on a full disk, and not say so.
  await file.appendFile(text);
}

/** Throws with the reason, as the end of a sentence, why the file is not to be trusted. */
async function decode(bytes: Buffer, location: string): Promise<SavedState> {
  const end = bytes.lastIndexOf('\n', -2) + 1;
  const text = bytes.subarray(0, end).toString();
  const header = decodeHeader(text.slice(0, text.indexOf('\n')));
  const checksum = createHash('sha256').update(bytes.subarray(0, end)).digest('hex');
  if (bytes.subarray(end).toString() !== `${checksum}\n`) throw new Error('it is damaged or cut off');
  if (header.location !== location) throw new Error(`it is of ${header.location}, not of ${location}`);
  const entries = new Map<string, Entry>();
  for (const line of text.split('\n').slice(1, -1)) {
    const [key, value, revision, changedAtMs, changedBy] = JSON.parse(line) as Line;
    entries.set(key, { value, revision, changedAtMs, changedBy });
    if (entries.size % SLICE === 0) await setImmediate();
  }
  if (entries.size !== header.entries) throw new Error('it does not hold as many entries as it says');
  const { head, loss, last_good: lastGood = [] } = header;
  const lost = loss === null ? null : { head: loss.head, keys: new Set(loss.keys) };
  return { head, entries, loss: lost, lastGood: new Map(lastGood) };
}

function decodeHeader(line: string): Header {
  try {
    const header = JSON.parse(line) as Partial<Header>;
    if (header.format === FORMAT) return header as Header;
  } catch {
    // Not even JSON.
  }
  throw new Error('it is not a snapshot file of this library');
}
