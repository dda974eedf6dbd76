import type { ErrorCode } from '@mutt/dynamic-config';

/** What can go wrong in a command: everything that the library knows, and some of our own. */
export type FailureCode = ErrorCode | 'usage' | 'unexpected' | 'unhealthy';

const UNEXPECTED = 1;
const USAGE = 2;
const NOT_FOUND = 3;
const UNREACHABLE = 4;
const REFUSED = 5;
const UNHEALTHY = 6;

/** Scripts depend on these: documented in the README, never renumbered. */
export const EXIT_CODES: Readonly<Record<FailureCode, number>> = {
  unexpected: UNEXPECTED,
  closed: UNEXPECTED,
  changes_lost: UNEXPECTED,
  usage: USAGE,
  option_invalid: USAGE,
  key_not_found: NOT_FOUND,
  store_unavailable: UNREACHABLE,
  outcome_unknown: UNREACHABLE,
  key_invalid: REFUSED,
  value_invalid: REFUSED,
  change_set_invalid: REFUSED,
  revision_conflict: REFUSED,
  store_refused: REFUSED,
  wrong_type: REFUSED,
  unauthorized: REFUSED,
  forbidden: REFUSED,
  unhealthy: UNHEALTHY,
};
