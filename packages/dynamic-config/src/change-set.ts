import { InvalidChangeSetError, InvalidKeyError, InvalidValueError } from './errors.ts';
import type { Change } from './store.ts';

/** Longest key, in characters (all of them ASCII). */
export const MAX_KEY_LENGTH = 256;
/** Largest value, in bytes of UTF-8. */
export const MAX_VALUE_BYTES = 1024 * 1024;
/** Most changes in one change set. */
export const MAX_CHANGES = 1_000;
/** Largest change set, in bytes of UTF-8 over all keys and values. As JSON it may be half as large again. */
export const MAX_CHANGE_SET_BYTES = 8 * 1024 * 1024;

/**
 * Largest change set as it is recorded and announced, in bytes of JSON. Control characters take six times their size there,
 * which holds Redis up for as long, and is more than it lets a listener fall behind.
 */
const MAX_ENCODED_BYTES = 12 * 1024 * 1024;

const KEY = /^[A-Za-z0-9_.:/-]{1,256}$/;

/** The pub/sub channel of the wire contract is named like a key, so no key may be. */
const RESERVED_KEY = 'updates';

export const KEY_RULE = `a key is 1 to ${MAX_KEY_LENGTH} characters of A–Z a–z 0–9 _ . : / -, and not "${RESERVED_KEY}"`;

/** What a caller may pass as a value: stored as its plain text, `600`, `true`. */
export type ValueInput = string | number | boolean;

/** One change as callers write it. `ifRevision`: only if the key is still at that revision (0: only if it has no entry). */
export type ChangeInput =
  | { readonly key: string; readonly value: ValueInput; readonly ifRevision?: number | undefined }
  | { readonly key: string; readonly delete: true; readonly ifRevision?: number | undefined };

export function isKey(key: unknown): key is string {
  return typeof key === 'string' && key !== RESERVED_KEY && KEY.test(key);
}

/** @throws InvalidKeyError */
export function assertKey(key: unknown): asserts key is string {
  if (isKey(key)) return;
  const shown = typeof key === 'string' ? JSON.stringify(key.slice(0, 64)) : `a ${key === null ? 'null' : typeof key}`;
  throw new InvalidKeyError(`Invalid config key ${shown}: ${KEY_RULE}.`);
}

/**
 * The plain text that is stored for a value.
 *
 * @throws InvalidValueError for anything but a well-formed string, a finite number or a boolean, or over 1 MiB.
 */
export function formatValue(key: string, value: unknown): string {
  const text = asText(key, value);
  if (!text.isWellFormed()) {
    throw new InvalidValueError(
      `Invalid value for ${key}: a value is a UTF-8 string, and this one holds half of a surrogate pair.`,
    );
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_VALUE_BYTES) {
    throw new InvalidValueError(
      `Invalid value for ${key}: a value is at most 1 MiB (${MAX_VALUE_BYTES} bytes) of UTF-8, and this one is ${bytes} bytes.`,
    );
  }
  return text;
}

function asText(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new InvalidValueError(
    `Invalid value for ${key}: a value is a string, a finite number or a boolean, not ${describe(value)}.`,
  );
}

function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number') return String(value);
  return Array.isArray(value) ? 'an array' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

/**
 * Callers without types may pass anything.
 *
 * @throws InvalidChangeSetError unless it is an array of objects.
 */
export function assertChangeInputs(inputs: unknown): asserts inputs is readonly ChangeInput[] {
  if (!Array.isArray(inputs)) {
    throw new InvalidChangeSetError(`A change set is an array of changes, not ${describe(inputs)}.`);
  }
  // By `entries`, which leaves no hole out.
  for (const [n, input] of (inputs as unknown[]).entries()) {
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) continue;
    throw new InvalidChangeSetError(
      `Change ${n + 1} of the change set must be { key, value } or { key, delete: true }, not ${describe(input)}.`,
    );
  }
}

/**
 * Checks a change set before anything reaches the network.
 *
 * @throws InvalidKeyError, InvalidValueError, InvalidChangeSetError
 */
export function toChanges(inputs: readonly ChangeInput[]): Change[] {
  assertChangeInputs(inputs);
  if (inputs.length === 0) throw new InvalidChangeSetError('The change set is empty: give at least one set or delete.');
  if (inputs.length > MAX_CHANGES) {
    throw new InvalidChangeSetError(
      `The change set has ${inputs.length} changes: at most ${MAX_CHANGES} are applied as one.`,
    );
  }
  const seen = new Set<string>();
  const size = new ChangeSetSize();
  const changes = inputs.map((input) => {
    const change = toChange(input);
    if (seen.has(change.key))
      throw new InvalidChangeSetError(`The change set names ${change.key} twice: give each key once.`);
    seen.add(change.key);
    size.add(change.key, change.value);
    return change;
  });
  const { problem } = size;
  if (problem !== null) throw new InvalidChangeSetError(problem);
  return changes;
}

/** How large a change set becomes, change by change. */
export class ChangeSetSize {
  #bytes = 0;
  #encodedBytes = 0;

  add(key: string, value: string | null): void {
    this.#bytes += key.length + Buffer.byteLength(value ?? '');
    // Never less than the text itself, so no text is encoded for nothing that is too large already.
    if (this.#bytes <= MAX_CHANGE_SET_BYTES)
      this.#encodedBytes += key.length + Buffer.byteLength(JSON.stringify(value));
  }

  /** What is wrong with it, as a sentence; null: nothing. */
  get problem(): string | null {
    if (this.#bytes > MAX_CHANGE_SET_BYTES) {
      return `The change set is ${this.#bytes} bytes: at most 8 MiB (${MAX_CHANGE_SET_BYTES} bytes) are applied as one.`;
    }
    if (this.#encodedBytes > MAX_ENCODED_BYTES) {
      return (
        `The change set is ${this.#encodedBytes} bytes as JSON, in which it is recorded and announced: at most 12 MiB ` +
        `(${MAX_ENCODED_BYTES} bytes) are applied as one. Control characters take up to six bytes each there, quotes two.`
      );
    }
    return null;
  }
}

function toChange(input: ChangeInput): Change {
  assertKey(input.key);
  const ifRevision = input.ifRevision ?? null;
  if (ifRevision !== null) assertRevision(ifRevision);
  if ('delete' in input) {
    const asked: unknown = input.delete;
    if (asked !== true || 'value' in input) {
      throw new InvalidChangeSetError(`The change of ${input.key} must be either { value } or { delete: true }.`);
    }
    return { key: input.key, value: null, ifRevision };
  }
  return { key: input.key, value: formatValue(input.key, input.value), ifRevision };
}

/** @throws InvalidChangeSetError */
export function assertRevision(revision: unknown): asserts revision is number {
  if (Number.isSafeInteger(revision) && (revision as number) >= 0) return;
  throw new InvalidChangeSetError(`ifRevision is a whole number from 0, not ${String(revision)}.`);
}
