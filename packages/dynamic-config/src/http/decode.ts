import { readRegistration } from '../registration.ts';
import type {
  ChangeSource,
  Commit,
  CommittedChange,
  Entry,
  Head,
  LoggedCommit,
  Reading,
  Registrations,
  Snapshot,
} from '../store.ts';

// The server's JSON, as this library's own. What is not as documented throws: a guess could become a wrong setting.

type Fields = Readonly<Record<string, unknown>>;

export function toHead(json: unknown): Head {
  const { epoch, revision, hash } = fields(json);
  return { epoch: text(epoch), revision: whole(revision), hash: text(hash) };
}

/** What a server still serves though its store has lost it is not stored: each instance decides for itself to keep it. */
export function toSnapshot(json: unknown): Snapshot {
  const { entries, lost = [] } = fields(json);
  const stored = new Map(Object.entries(fields(entries)).map(([key, entry]) => [key, toEntry(entry)]));
  for (const key of list(lost)) stored.delete(text(key));
  return { head: toHead(json), entries: stored };
}

export function toReading(json: unknown): Reading {
  const entries = Object.entries(fields(fields(json)['entries']));
  return {
    head: toHead(json),
    entries: new Map(entries.map(([key, entry]) => [key, entry === null ? null : toEntry(entry)])),
  };
}

export function toKeys(json: unknown): string[] {
  return list(fields(json)['keys']).map(text);
}

export function toCommit(json: unknown): Commit {
  const commit = fields(json);
  return {
    ...toHead(json),
    previousHash: text(commit['previous_hash']),
    changes: unmasked(commit['changes']).map(toChange),
    changedAtMs: time(commit['changed_at']),
    changedBy: textOrNull(commit['changed_by']),
    reason: textOrNull(commit['reason']),
    source: toSource(commit['source']),
    requestId: textOrNull(commit['request_id']),
    correlationId: textOrNull(commit['correlation_id'] ?? null),
  };
}

export function toLoggedCommit(json: unknown): LoggedCommit {
  const { changes, notices, rewritten } = fields(json);
  const told = unmasked(changes);
  const withheld = list(changes).length - told.length;
  return {
    ...toCommit(json),
    previousValues: told.map((change) => textOrNull(fields(change)['previous_value'])),
    ...(notices !== undefined && { notices: list(notices).map(text) }),
    ...(rewritten !== undefined && { rewritten: list(rewritten).map(text) }),
    ...(withheld > 0 && { withheld }),
  };
}

export interface HistoryPage {
  readonly commits: LoggedCommit[];
  /** The revision after which there is more of the log; null: there is no more. */
  readonly nextAfter: number | null;
}

/** A page of the log. */
export function toHistoryPage(json: unknown): HistoryPage {
  const { changes, more, next_after: nextAfter } = fields(json);
  return { commits: list(changes).map(toLoggedCommit), nextAfter: more === true ? whole(nextAfter) : null };
}

export function toRegistrations(json: unknown): Registrations {
  const { now, services } = fields(json);
  const registrations = list(services).map((service) => {
    const { registered_at: registeredAt, seen_at: seenAt } = fields(service);
    return { ...readRegistration(service), registeredAtMs: time(registeredAt), seenAtMs: time(seenAt) };
  });
  return { nowMs: time(now), registrations };
}

function toEntry(json: unknown): Entry {
  const entry = fields(json);
  return {
    value: text(entry['value']),
    revision: whole(entry['revision']),
    changedAtMs: entry['changed_at'] === null ? null : time(entry['changed_at']),
    changedBy: textOrNull(entry['changed_by']),
  };
}

/** Without the changes whose values are masked: a mask must not become a value. */
function unmasked(changes: unknown): readonly unknown[] {
  return list(changes).filter((change) => fields(change)['masked'] !== true);
}

function toChange(json: unknown): CommittedChange {
  const { key, value } = fields(json);
  return { key: text(key), value: textOrNull(value) };
}

function toSource(json: unknown): ChangeSource {
  if (json === 'commit' || json === 'out-of-band') return json;
  throw unexpected('a source', json);
}

function fields(json: unknown): Fields {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields;
  throw unexpected('an object', json);
}

function list(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw unexpected('an array', json);
}

function text(json: unknown): string {
  if (typeof json === 'string') return json;
  throw unexpected('a string', json);
}

function textOrNull(json: unknown): string | null {
  return json === null ? null : text(json);
}

function whole(json: unknown): number {
  if (Number.isSafeInteger(json)) return json as number;
  throw unexpected('a whole number', json);
}

function time(json: unknown): number {
  const ms = Date.parse(text(json));
  if (Number.isFinite(ms)) return ms;
  throw unexpected('a time', json);
}

function unexpected(wanted: string, json: unknown): TypeError {
  return new TypeError(`Expected ${wanted}, got ${JSON.stringify(json)?.slice(0, 100) ?? 'nothing'}.`);
}
