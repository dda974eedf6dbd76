/**
 * - `enabled`: changes are delivered.
 * - `disabled`: by an operator.
 * - `failing`: its receiver did not take a delivery for days, and nothing is sent until an operator enables it again.
 */
export type WebhookState = 'enabled' | 'disabled' | 'failing';

export type DeliveryType = 'config.changed' | 'ping';

/** `skipped`: an operator gave it up. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'skipped';

/** Somebody who is told of changes by HTTP. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Patterns of keys, one of which must match. */
  readonly keys: readonly string[];
  readonly description: string | null;
  readonly state: WebhookState;
  /** The last audit record that needs no delivery any more. */
  readonly position: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** Where deliveries go, and what signs them. */
export interface Receiver {
  readonly webhookId: string;
  readonly url: string;
  readonly secret: string;
}

/** A delivery as it stands. */
export interface Delivery {
  readonly id: string;
  readonly type: DeliveryType;
  readonly status: DeliveryStatus;
  /** Of the change set; null: a ping, or its records were dropped by age. */
  readonly epoch: string | null;
  readonly revision: number | null;
  readonly createdAtMs: number;
  readonly attempts: number;
  readonly lastAttemptAtMs: number | null;
  readonly nextAttemptAtMs: number | null;
  /** What the receiver answered last; null: nothing. */
  readonly responseStatus: number | null;
  /** Why the last attempt failed; null: it did not. */
  readonly error: string | null;
}

/** A change set that is to be delivered now. */
export interface DueDelivery extends Receiver {
  readonly id: string;
  readonly keys: readonly string[];
  /** Its records in the audit trail. */
  readonly firstId: number;
  readonly lastId: number;
  /** What the values of its records take, in bytes. */
  readonly valueBytes: number;
  /** Made so far. */
  readonly attempts: number;
  readonly firstAttemptAtMs: number | null;
}

/** What came of one attempt. */
export type Outcome =
  | { readonly isDelivered: true; readonly responseStatus: number }
  | { readonly isDelivered: false; readonly responseStatus: number | null; readonly error: string };
