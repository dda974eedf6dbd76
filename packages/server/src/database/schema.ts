import type { ChangeSource } from '@mutt/dynamic-config';
import type { ColumnType } from 'kysely';
import type { Role } from '../auth/principal.ts';

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
    /** JSON, `LoggedChange[]`. Not jsonb, which can't hold NUL and would not give back the bytes that were hashed. */
    changes: string;
  };
  /** `registration`: JSON, as the library writes it. */
  settings_registration: { id: string; registration: string; registered_at: Date; seen_at: Date };
  api_key: { id: string; name: string; role: Role; hash: Buffer; created_at: Date };
}
