/** How many events an alerter may take now, and what becomes of them. */
export type Intake =
  | { readonly mode: 'decide'; readonly most: number }
  | { readonly mode: 'shed'; readonly most: number; readonly reason: string }
  | { readonly mode: 'defer'; readonly reason: string; readonly isDlqFull: boolean };

export interface Pressure {
  /** Waiting in mutt:alert_queue. */
  readonly alerts: number;
  /** Set aside in mutt:dlq:alerter. */
  readonly deadLetters: number;
}

export interface IntakeLimits {
  readonly alerter_queue_shed_threshold: number;
  readonly alerter_shed_mode: 'dlq' | 'defer';
  readonly dlq_max_size: number;
}

const BATCH = 100;

/** By how much is waiting already. Each alerter decides for itself, so that several overshoot by a batch each at most. */
export function intakeOf({ alerts, deadLetters }: Pressure, limits: IntakeLimits): Intake {
  const room = limits.alerter_queue_shed_threshold - alerts;
  if (room > 0) return { mode: 'decide', most: Math.min(room, BATCH) };
  const reason = `${alerts} alerts wait, and alerter_queue_shed_threshold is ${limits.alerter_queue_shed_threshold}`;
  if (limits.alerter_shed_mode === 'defer') return { mode: 'defer', reason, isDlqFull: false };
  const roomAside = limits.dlq_max_size - deadLetters;
  if (roomAside > 0) return { mode: 'shed', most: Math.min(roomAside, BATCH), reason };
  const full = `mutt:dlq:alerter is full (dlq_max_size is ${limits.dlq_max_size})`;
  return { mode: 'defer', reason: `${reason}; ${full}`, isDlqFull: true };
}
