// What the server answers with, in the names of its API.

export type Role = 'viewer' | 'editor' | 'admin';

export interface Rights {
  readonly role: Role;
  readonly key_patterns: readonly string[] | null;
  readonly secrets: boolean;
}

export interface Grant extends Rights {
  readonly kind: 'key' | 'user';
  readonly id: string;
  readonly name: string;
  readonly expires_at: string | null;
  readonly session_id: string | null;
}

/** An entry as it is listed. `value` is a mask where `masked`. */
export interface ListedEntry {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
  readonly changed_at: string | null;
  readonly changed_by: string | null;
  readonly invalid: string | null;
  readonly masked: boolean;
}

export interface EntriesReply {
  readonly epoch: string;
  readonly revision: number;
  readonly entries: readonly ListedEntry[];
}

export interface DeclaredSetting {
  readonly key: string;
  /** integer, number, boolean, duration, bytes, oneOf, text, secret, list, json, schema. */
  readonly type: string;
  readonly rule: Readonly<Record<string, unknown>>;
  readonly json_schema: Readonly<Record<string, unknown>>;
  readonly default: string | null;
  readonly description: string | null;
  readonly unit: string | null;
  readonly deprecated: string | null;
  readonly requires_restart: boolean;
  readonly secret: boolean;
  readonly declared_by: readonly { readonly service: string; readonly version: string }[];
  readonly conflict: string | null;
}

export interface SettingsReply {
  readonly settings: readonly DeclaredSetting[];
  readonly count: number;
}

/** A change as it is asked for. */
export type Change =
  | { readonly key: string; readonly value: string; readonly if_revision?: number }
  | { readonly key: string; readonly delete: true; readonly if_revision?: number };

export interface CommitReply {
  readonly epoch: string;
  readonly revision: number;
  readonly changed_at: string;
  readonly changed_by: string | null;
  readonly reason: string | null;
  readonly changes: readonly {
    readonly key: string;
    readonly value: string | null;
    readonly previous_value?: string | null;
  }[];
  readonly notices?: readonly string[];
}

export type AuditOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'GAP' | 'REVEAL';

/** One record of the audit trail: one change of one key. */
export interface AuditRecord {
  readonly id: number;
  readonly changed_at: string;
  readonly changed_by: string | null;
  readonly operation: AuditOperation;
  readonly key: string | null;
  readonly old_values: { readonly value?: string } | null;
  readonly new_values: { readonly value?: string } | null;
  readonly reason: string | null;
  readonly correlation_id: string | null;
  readonly epoch: string | null;
  readonly revision: number | null;
  readonly source: string | null;
  readonly hash: string;
  readonly previous_hash: string;
}

export interface AuditReply {
  readonly records: readonly AuditRecord[];
  readonly next_cursor: string | null;
}

export interface Problem {
  readonly code: string;
  readonly severity: 'critical' | 'warning';
  readonly sentence: string;
  readonly what_to_do: string;
}

export interface OverviewReply {
  readonly revision: number;
  readonly keys: number;
  readonly declared: number;
  readonly unset: number;
  readonly undeclared: number;
  readonly invalid: {
    readonly count: number;
    readonly values: readonly {
      readonly key: string;
      readonly value: string;
      readonly masked: boolean;
      readonly rule: string;
    }[];
  };
  readonly drift: { readonly out_of_band: number } | null;
  readonly audit: {
    readonly backlog: number | null;
    readonly last_recorded_at: string | null;
    readonly gaps: number;
  } | null;
  readonly state: 'live' | 'polling' | 'stale' | 'offline';
  readonly components: Readonly<Record<string, { readonly status: string }>>;
  readonly alarm: { readonly code: string; readonly keys: number } | null;
  readonly changes_per_hour: readonly HourCount[] | null;
  readonly problems: readonly Problem[];
}

export interface HourCount {
  readonly hour: string;
  readonly count: number;
}

export interface Instance {
  readonly id: string;
  readonly service: string | null;
  readonly version: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly address: string | null;
  readonly connected_at: string;
  readonly via: 'redis' | 'http';
  readonly api_key: string | null;
}

export interface InstancesReply {
  readonly instances: readonly Instance[];
  readonly count: number;
  readonly other_subscribers: number | null;
  readonly people: number;
  readonly incomplete?: string;
}

export interface User extends Rights {
  readonly name: string;
  readonly disabled: boolean;
  readonly created_at: string;
  readonly created_by: string | null;
}

export interface UsersReply {
  readonly users: readonly User[];
  readonly count: number;
}

export interface ApiKey extends Rights {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly created_by: string | null;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

export interface KeysReply {
  readonly keys: readonly ApiKey[];
  readonly count: number;
}

/** An API key with the key itself: the only time that it is told. */
export interface CreatedKey extends Rights {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly expires_at: string | null;
}

export interface SignedInSession {
  readonly id: string;
  readonly user?: string;
  readonly is_current: boolean;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly expires_at: string;
  readonly address: string | null;
  readonly user_agent: string | null;
}

export interface SessionsReply {
  readonly sessions: readonly SignedInSession[];
  readonly count: number;
}

/** The numbers among the last values of keys, the oldest first. */
export interface TrendsReply {
  readonly trends: Readonly<Record<string, readonly TrendPoint[]>>;
}

export interface TrendPoint {
  readonly value: number;
  readonly changed_at: string;
}

/** What `dry_run` answers with. */
export interface DryRunReply {
  readonly revision: number;
  readonly notices: readonly string[];
}

export interface EntryReply {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** Where the namespace stands. */
export interface HeadReply {
  readonly epoch: string;
  readonly revision: number;
}

/** What recomputing the chain of the audit trail found. */
export interface Verification {
  readonly ok: boolean;
  readonly records: number;
  readonly gaps: number;
  readonly first_id: number | null;
  readonly first_changed_at: string | null;
  readonly last_id: number | null;
  readonly hash: string;
  /** Behind which record the chain begins: above 0 where older ones were dropped by age. */
  readonly anchor: { readonly id: number; readonly hash: string };
  readonly problem: { readonly id: number | null; readonly message: string } | null;
}

/** Signed by the trail, to be kept elsewhere. */
export interface SignedHead {
  readonly trail_id: string;
  readonly id: number;
  readonly hash: string;
  readonly signed_at: string;
  readonly public_key: string;
  readonly signature: string;
}
