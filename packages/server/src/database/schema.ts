import type { ChangeSource } from '@mutt/dynamic-config';
import type { ColumnType, Generated } from 'kysely';
import type { AuditOperation, AuditSource } from '../audit/audit-record.ts';
import type { Role } from '../auth/principal.ts';
import type { DeliveryStatus, DeliveryType, WebhookState } from '../webhooks/webhook.ts';

/** Comes back as text: JavaScript's numbers are smaller. */
type BigInteger = ColumnType<string, number, number>;

/** The tables, as the migrations leave them. */
export interface Tables {
  /** One row: where the namespace stands. */
  config_head: { epoch: string; revision: BigInteger; hash: string };
  config_entry: {
    key: string;
    /** UTF-8. Not text, which can't hold NUL. */
    value: Buffer;
    revision: BigInteger;
    changed_at: Date;
    changed_by: string;
  };
  config_log: {
    revision: BigInteger;
    epoch: string;
    previous_hash: string;
    hash: string;
    changed_at: Date;
    changed_by: string | null;
    reason: string | null;
    source: ChangeSource;
    request_id: string | null;
    correlation_id: string | null;
    /** JSON, `LoggedChange[]`. Not jsonb, which can't hold NUL and would not give back the bytes that were hashed. */
    changes: string;
  };
  config_audit_log: {
    id: BigInteger;
    changed_at: Date;
    changed_by: string | null;
    operation: AuditOperation;
    table_name: string;
    record_id: BigInteger | null;
    /** JSON, `{"key", "value"}`. Not jsonb, which can't hold NUL and would not give back the bytes that were hashed. */
    old_values: string | null;
    new_values: string | null;
    reason: string | null;
    correlation_id: string | null;
    epoch: string;
    revision: BigInteger;
    key: string | null;
    source: AuditSource;
    /** Of the revision, as the store's log has it. */
    log_hash: string;
    previous_hash: string;
    hash: string;
    /** Words of the record that are looked for. */
    search: ColumnType<string, never, never>;
  };
  /** One row: what the trail holds, up to where in the store's log, and what precedes its first record. */
  audit_head: {
    trail_id: string;
    id: BigInteger;
    hash: string;
    epoch: string;
    revision: BigInteger;
    log_hash: string;
    anchor_id: BigInteger;
    anchor_hash: string;
    anchored_at: Date | null;
    /** Of all of `audit_baseline`; `''` while there is none. */
    baseline_hash: Generated<string>;
  };
  /** One row, once a head was signed. */
  audit_signing_key: { private_key: string; public_key: string };
  /** Every key that the trail has ever named. */
  audit_key: { key: string };
  /** What the keys held before the first record. `value`: JSON. */
  audit_baseline: {
    key: string;
    value: string;
    epoch: string;
    revision: BigInteger;
    changed_at: Date;
    changed_by: string | null;
  };
  /** `registration`: JSON, as the library writes it. */
  settings_registration: { id: string; registration: string; registered_at: Date; seen_at: Date };
  api_key: {
    id: string;
    name: string;
    role: Role;
    hash: Buffer;
    created_at: Date;
    /** JSON, an array of patterns; null: all keys. */
    key_patterns: string | null;
    reads_secrets: Generated<boolean>;
    expires_at: Date | null;
    last_used_at: Date | null;
    created_by: string | null;
  };
  user_account: {
    id: string;
    name: string;
    password_hash: string;
    role: Role;
    /** JSON, an array of patterns; null: all keys. */
    key_patterns: string | null;
    reads_secrets: boolean;
    is_disabled: boolean;
    created_at: Date;
    created_by: string;
  };
  user_session: {
    id: string;
    hash: Buffer;
    user_id: string;
    created_at: Date;
    last_seen_at: Date;
    expires_at: Date;
    address: string;
    user_agent: string | null;
  };
  sign_in_link: { hash: Buffer; expires_at: Date };
  webhook: {
    id: string;
    url: string;
    /** JSON, patterns of keys. */
    keys: string;
    description: string | null;
    /** As it is: signatures are made with it. */
    secret: string;
    state: WebhookState;
    /** The last audit record that needs no delivery any more. */
    position: BigInteger;
    created_at: Date;
    created_by: string;
    /** The worker that delivers now, and until when nobody else may; by the database's clock. */
    leased_by: string | null;
    leased_until: Date | null;
  };
  webhook_delivery: {
    number: Generated<string>;
    /** The same for the same change set, however often it is sent. */
    id: string;
    webhook_id: string;
    type: DeliveryType;
    status: DeliveryStatus;
    /** The audit records of the change set, and how much their values take; null: a ping. */
    first_id: ColumnType<string | null, number | null, never>;
    last_id: ColumnType<string | null, number | null, never>;
    value_bytes: ColumnType<string | null, number | null, never>;
    created_at: Date;
    attempts: number;
    first_attempt_at: Date | null;
    last_attempt_at: Date | null;
    next_attempt_at: Date | null;
    response_status: number | null;
    error: string | null;
  };
}
