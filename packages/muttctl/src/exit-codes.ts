import type { ErrorCode } from '@mutt/dynamic-config';

/** What a server says of the past, and what is said where there is none. */
type HistoryFailure = 'rollback_conflict' | 'revision_unknown' | 'history_unavailable';

/** What a server says of its API keys and users. */
type AccessFailure = 'not_found' | 'name_taken' | 'last_admin';

/** What can go wrong in a command: everything that the library knows, and some of our own. */
export type FailureCode =
  | ErrorCode
  | HistoryFailure
  | AccessFailure
  | 'usage'
  | 'unexpected'
  | 'unhealthy'
  | 'timed_out'
  | 'cancelled'
  | 'differs';

const UNEXPECTED = 1;
const USAGE = 2;
const NOT_FOUND = 3;
const UNREACHABLE = 4;
const REFUSED = 5;
const UNHEALTHY = 6;
const TIMED_OUT = 7;
const CANCELLED = 8;
const DIFFERS = 9;

/** Scripts depend on these: documented in the README, never renumbered. */
export const EXIT_CODES: Readonly<Record<FailureCode, number>> = {
  unexpected: UNEXPECTED,
  closed: UNEXPECTED,
  changes_lost: UNEXPECTED,
  usage: USAGE,
  option_invalid: USAGE,
  key_not_found: NOT_FOUND,
  not_found: NOT_FOUND,
  revision_unknown: NOT_FOUND,
  history_unavailable: NOT_FOUND,
  store_unavailable: UNREACHABLE,
  outcome_unknown: UNREACHABLE,
  key_invalid: REFUSED,
  value_invalid: REFUSED,
  change_set_invalid: REFUSED,
  revision_conflict: REFUSED,
  rollback_conflict: REFUSED,
  store_refused: REFUSED,
  wrong_type: REFUSED,
  name_taken: REFUSED,
  last_admin: REFUSED,
  unauthorized: REFUSED,
  forbidden: REFUSED,
  unhealthy: UNHEALTHY,
  timed_out: TIMED_OUT,
  cancelled: CANCELLED,
  differs: DIFFERS,
};

/** What each exit code says, for whoever reads the reference. */
export const EXIT_CODE_MEANINGS: Readonly<Record<number, string>> = {
  0: 'done; also when there was nothing to do',
  [UNEXPECTED]: 'unexpected',
  [USAGE]: 'wrong usage',
  [NOT_FOUND]: 'not found',
  [UNREACHABLE]:
    'unreachable; of `outcome_unknown` nobody knows whether the change was applied: look before you try again',
  [REFUSED]: 'refused: nothing was written',
  [UNHEALTHY]: '`doctor`: something is wrong; `audit verify`: the trail is not as it was written',
  [TIMED_OUT]: '`wait`: it did not come in time',
  [CANCELLED]: 'you answered no: nothing was written',
  [DIFFERS]: '`apply --exit-code`: there is something to apply, or there was',
};
