import type { Alarm, State } from '@mutt/dynamic-config';

/** Something that is wrong, in plain words. */
export interface Problem {
  readonly code: string;
  /** `critical`: something promised does not hold now. */
  readonly severity: 'critical' | 'warning';
  readonly sentence: string;
  readonly whatToDo: string;
}

/** What is known of how it goes, as somebody sees it. */
export interface Facts {
  readonly state: State;
  readonly alarm: Pick<Alarm, 'code'> | null;
  /** How many keys the store lost. */
  readonly lost: number;
  readonly isDatabaseDown: boolean;
  readonly isAuditDown: boolean;
  /** Revisions that the audit trail lacks as yet; null: not known. */
  readonly backlog: number | null;
  readonly gaps: number;
  readonly invalid: number;
  readonly conflicts: number;
  readonly outOfBand: number;
}

/** Further behind than this, the trail does not keep up. */
const LONG_BACKLOG = 1_000;

/** What is wrong, and what to do about it: the worst first. */
export function problemsOf(facts: Facts): readonly Problem[] {
  const found = [...storeProblems(facts), ...auditProblems(facts), ...valueProblems(facts)];
  return found.toSorted((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'));
}

function storeProblems({ state, alarm, lost }: Facts): Problem[] {
  const problems: Problem[] = [];
  if (state === 'offline' || state === 'stale') {
    problems.push({
      code: 'store_unreachable',
      severity: 'critical',
      sentence: 'The store does not answer. Values are served from memory as they were last, and changes are refused.',
      whatToDo: 'See that the store runs and can be reached from the server: muttctl doctor says what is wrong.',
    });
  }
  if (alarm !== null) {
    problems.push({
      code: 'store_emptied',
      severity: 'critical',
      sentence: `The store came back empty. ${lost === 1 ? '1 value is' : `${lost} values are`} kept by the server and the instances.`,
      whatToDo: 'Put them back with muttctl restore, or give them up with muttctl restore --accept-loss.',
    });
  }
  if (state === 'polling') {
    problems.push({
      code: 'store_polled',
      severity: 'warning',
      sentence: 'The store cannot announce what others write to it directly: that is seen after seconds only.',
      whatToDo: 'Use Redis 6 or later, and let the user of the server track keys: muttctl doctor has the details.',
    });
  }
  return problems;
}

function auditProblems({ isDatabaseDown, isAuditDown, backlog, gaps }: Facts): Problem[] {
  const problems: Problem[] = [];
  const behind = backlog === null ? '' : ` ${backlog} change sets wait in the log of the store.`;
  if (isDatabaseDown) {
    problems.push({
      code: 'database_down',
      severity: 'critical',
      sentence: `The database of the server does not answer. Settings are served and changed, but not recorded.${behind}`,
      whatToDo: 'See that the database runs, and that its disk is not full. What waits is recorded by itself then.',
    });
  } else if (isAuditDown || (backlog ?? 0) > LONG_BACKLOG) {
    problems.push({
      code: 'audit_behind',
      severity: isAuditDown ? 'critical' : 'warning',
      sentence: `The audit trail ${isAuditDown ? 'cannot be written' : 'does not keep up'}.${behind}`,
      whatToDo: 'The log of the server says why. Until it catches up, the log of the store grows: watch its size.',
    });
  }
  if (gaps > 0) {
    problems.push({
      code: 'audit_gaps',
      severity: 'warning',
      sentence: `Changes are missing from the audit trail in ${gaps === 1 ? 'one place' : `${gaps} places`}.`,
      whatToDo: 'Look at the records with the operation GAP: each says what is missing, and why.',
    });
  }
  return problems;
}

function valueProblems({ invalid, conflicts, outOfBand }: Facts): Problem[] {
  const problems: Problem[] = [];
  if (invalid > 0) {
    problems.push({
      code: 'values_invalid',
      severity: 'warning',
      sentence: `${invalid === 1 ? '1 value is' : `${invalid} values are`} refused by the declared settings: services go on with the last good value, or the default.`,
      whatToDo: 'Set them to what their settings allow, or change what the service declares.',
    });
  }
  if (conflicts > 0) {
    problems.push({
      code: 'settings_conflict',
      severity: 'warning',
      sentence: `Services do not agree on what ${conflicts === 1 ? 'a setting' : `${conflicts} settings`} may hold: no value suits all of them.`,
      whatToDo: 'Bring the services to versions that declare the same.',
    });
  }
  if (outOfBand > 0) {
    problems.push({
      code: 'written_directly',
      severity: 'warning',
      sentence: `${outOfBand === 1 ? '1 change' : `${outOfBand} changes`} of the last 24 hours went to the store directly: nobody knows by whom, or why.`,
      whatToDo: 'Look at the records with the source out-of-band, and at who may write to the store.',
    });
  }
  return problems;
}
