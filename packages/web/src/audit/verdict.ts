import type { SignedHead, Verification } from '../api/replies.ts';

/** What a verification found, for people. */
export interface Verdict {
  readonly ok: boolean;
  readonly sentence: string;
  /** What follows from it, or what to do. */
  readonly more: readonly string[];
  /** The first record that is not as it was written. */
  readonly recordId: number | null;
  readonly hash: string;
  readonly gaps: number;
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** @param against the head that was kept, if the trail was held against one. */
export function verdictOf(found: Verification, against?: SignedHead): Verdict {
  const { problem, hash, gaps } = found;
  if (problem === null) {
    return { ok: true, sentence: praise(found), more: provisos(found, against), recordId: null, hash, gaps };
  }
  const more = [
    'Change nothing in the database. Export the trail and copy the database while it is as it is.',
    'Compare it with a backup and with signed heads that you kept; find out who can write to the database.',
  ];
  return { ok: false, sentence: problem.message, more, recordId: problem.id, hash, gaps };
}

function praise({ records, gaps, first_changed_at: since }: Verification): string {
  if (records === 0) return 'There are no records yet, and none was removed.';
  const count = records === 1 ? '1 record' : `${records.toLocaleString('en')} records`;
  const from = since === null ? '' : ` since ${day.format(new Date(since))}`;
  return `${count}${from}, none altered, ${gapWords(gaps)}.`;
}

function gapWords(gaps: number): string {
  if (gaps === 0) return 'no gap';
  return gaps === 1 ? '1 gap' : `${gaps.toLocaleString('en')} gaps`;
}

function provisos({ anchor, gaps }: Verification, against: SignedHead | undefined): string[] {
  const said: string[] = [];
  if (against !== undefined) {
    said.push(
      `The trail still has what it had on ${day.format(new Date(against.signed_at))}, when the head was signed: up to record ${against.id}.`,
    );
  }
  if (anchor.id > 0) said.push(`Records up to ${anchor.id} were dropped by age; the chain is proven from there on.`);
  if (gaps > 0) said.push('A gap is what the trail could not get, and says so: nobody removed it from here.');
  return said;
}

/** null: that is no signed head. */
export function readSignedHead(text: string): SignedHead | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null) return null;
  const { trail_id, id, hash, signed_at, public_key, signature } = json as Partial<SignedHead>;
  const texts = [trail_id, hash, signed_at, public_key, signature];
  const isHead = Number.isSafeInteger(id) && texts.every((one) => typeof one === 'string');
  return isHead ? ({ trail_id, id, hash, signed_at, public_key, signature } as SignedHead) : null;
}
