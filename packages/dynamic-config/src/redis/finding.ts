/**
 * - `ok`: looked at, and as it should be.
 * - `unknown`: could not be looked at, most often for want of rights.
 * - `warning`: works, and may bite.
 * - `problem`: something that the guarantees need is missing.
 */
export type Severity = 'ok' | 'unknown' | 'warning' | 'problem';

/** What an examination found about one thing. */
export interface Finding {
  /** Names the check; does not change between versions. */
  readonly check: string;
  readonly severity: Severity;
  /** What is so, as a sentence. */
  readonly what: string;
  /** Why it matters; null where all is well. */
  readonly why: string | null;
  /** What to do: a command, or a sentence; null where there is nothing to do. */
  readonly fix: string | null;
}

export function ok(check: string, what: string): Finding {
  return { check, severity: 'ok', what, why: null, fix: null };
}

export function unknown(check: string, what: string): Finding {
  return { check, severity: 'unknown', what, why: null, fix: null };
}

export function warning(check: string, found: { what: string; why: string; fix: string }): Finding {
  return { check, severity: 'warning', ...found };
}

export function problem(check: string, found: { what: string; why: string; fix: string }): Finding {
  return { check, severity: 'problem', ...found };
}
