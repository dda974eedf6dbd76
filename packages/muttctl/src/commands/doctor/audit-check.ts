import type { Finding } from '@mutt/dynamic-config/redis';
import type { Target } from '../../target.ts';
import { fine, unknown, wrong } from './finding.ts';
import { answerOf } from './server-answer.ts';

export async function checkAudit(target: Target): Promise<Finding> {
  const { status } = await answerOf(target, '/api/v1/audit?limit=1');
  if (status === 200) return fine('audit', 'The audit trail answers.');
  if (status < 500) return unknown('audit', 'The audit trail may not be asked with this key.');
  return wrong('audit', {
    what: 'The audit trail is out of reach.',
    why: 'Changes go on and wait in the log; history and undo do not work.',
    fix: 'Is the PostgreSQL of DATABASE_URL, or the disk of the data folder, well?',
  });
}
