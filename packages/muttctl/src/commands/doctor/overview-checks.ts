import type { Finding } from '@mutt/dynamic-config/redis';
import type { Target } from '../../target.ts';
import { countText, fine, some, suspect, unknown, wrong } from './finding.ts';
import { answerOf } from './server-answer.ts';

/** What the server says of itself, as far as it is looked at here. */
interface Overview {
  readonly keys: number;
  readonly invalid: {
    readonly count: number;
    readonly values: readonly { readonly key: string; readonly rule: string }[];
  };
  readonly drift: { readonly out_of_band: number } | null;
  readonly audit: { readonly backlog: number | null; readonly gaps: number } | null;
  readonly problems: readonly Problem[];
}

interface Problem {
  readonly code: string;
  readonly severity: 'critical' | 'warning';
  readonly sentence: string;
  readonly what_to_do: string;
}

/** What a problem of the server is a finding of; null: it is told by what looks closer. */
const KNOWN: Readonly<Record<string, { readonly check: string; readonly why: string; readonly fix?: string } | null>> =
  {
    store_unreachable: null,
    store_emptied: null,
    store_polled: null,
    database_down: null,
    values_invalid: null,
    audit_behind: {
      check: 'audit-backlog',
      why: 'Until they are recorded the log of the store is not trimmed, and fills its memory.',
    },
    audit_gaps: {
      check: 'audit-gaps',
      why: 'What is missing can neither be looked at nor undone.',
      fix: 'muttctl audit list --operation gap --full tells what is missing, and why.',
    },
    settings_conflict: {
      check: 'settings',
      why: 'Whatever is set, one of them refuses it, and goes on with another value.',
    },
    written_directly: {
      check: 'out-of-band',
      why: 'Such changes have no author and no reason, and were checked by nobody.',
      fix: 'muttctl audit list --source out-of-band; who may write to the store: docs/security.md',
    },
  };

/** What the server finds wrong with itself and with what it keeps. */
export async function checkOverview(target: Target): Promise<readonly Finding[]> {
  const { status, body } = await answerOf(target, '/api/v1/overview');
  if (status !== 200) return [unknown('overview', `The server does not tell how it goes (status ${status}).`)];
  const overview = body as unknown as Overview;
  const problems = overview.problems.flatMap(toFinding);
  const isFound = (check: string): boolean => problems.some((finding) => finding.check === check);
  const well = [...backlog(overview), ...outOfBand(overview)].filter(({ check }) => !isFound(check));
  return [values(overview), ...well, ...problems];
}

function toFinding({ code, severity, sentence, what_to_do: fix }: Problem): Finding[] {
  const known = Object.hasOwn(KNOWN, code) ? KNOWN[code] : undefined;
  if (known === null) return [];
  const { check, why, ...rest } = known ?? {
    check: code.replaceAll('_', '-'),
    why: 'A newer muttctl may know more of it.',
  };
  const found = { what: sentence, why, fix, ...rest };
  return [severity === 'critical' ? wrong(check, found) : suspect(check, found)];
}

function values({ keys, invalid }: Overview): Finding {
  const [first] = invalid.values;
  if (first === undefined) return fine('values', `${countText(keys, 'value')}, none of which its setting refuses.`);
  const names = some(
    invalid.values.map(({ key }) => key),
    invalid.count,
  );
  return wrong('values', {
    what: `${countText(invalid.count, 'value')} refused by what services declare: ${names}. ${first.rule}`,
    why: 'Services go on with the last good value that they had, or with the default.',
    fix: `muttctl config set ${first.key}=<a valid value> --reason …; what is valid: muttctl config docs`,
  });
}

function backlog({ audit }: Overview): Finding[] {
  if (audit === null || audit.backlog === null)
    return [unknown('audit-backlog', 'How much waits for the audit trail is not known.')];
  return [fine('audit-backlog', `Waiting for the audit trail: ${countText(audit.backlog, 'change set')}.`)];
}

function outOfBand({ drift }: Overview): Finding[] {
  if (drift === null) return [];
  return [fine('out-of-band', 'Nothing was written directly to the store in the last 24 hours.')];
}
