import type { Database } from '../database/database.ts';
import { verifyTrail } from './audit-verify.ts';
import type { AuditProblem, Verification } from './audit-verify.ts';
import { isOurHead } from './signed-head.ts';
import type { SignedHead } from './signed-head.ts';

/** Recomputes the chain, and holds it against a head that was signed earlier and kept elsewhere. */
export async function verifyAgainst(database: Database, head: SignedHead): Promise<Verification> {
  const verification = await verifyTrail(database, new Set([head.id]));
  if (verification.problem !== null) return verification;
  const isOurs = await isOurHead(database, head);
  return { ...verification, problem: problemWithHead(verification, head, isOurs) };
}

function problemWithHead(
  { hashes, head: current }: Verification,
  head: SignedHead,
  isOurs: boolean,
): AuditProblem | null {
  if (!isOurs || head.trailId !== current.trailId) {
    return { id: null, message: 'The head was not signed by this trail, or was altered since.' };
  }
  if (head.id < current.anchor.id) {
    return { id: null, message: `Record ${head.id} was dropped by age: a head this old proves nothing any more.` };
  }
  if (head.id > current.id) {
    return { id: current.id + 1, message: `The records from ${current.id + 1} to ${head.id} were cut off.` };
  }
  if (head.id > 0 && hashes.get(head.id) !== head.hash) {
    return { id: head.id, message: `The trail up to record ${head.id} is not the one that the head was signed for.` };
  }
  return null;
}
