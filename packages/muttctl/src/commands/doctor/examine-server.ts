import type { Finding } from '@mutt/dynamic-config/redis';
import type { Target } from '../../target.ts';
import { checkAudit } from './audit-check.ts';
import { checkDrift } from './drift-check.ts';
import { checkEvents, checkSetToSeen } from './event-checks.ts';
import { fine, wrong } from './finding.ts';
import { checkOverview } from './overview-checks.ts';
import { answerOf } from './server-answer.ts';
import type { Answer } from './server-answer.ts';
import { checkAccess, checkClock, checkLatency, checkReadiness } from './server-checks.ts';
import { checkWebhooks } from './webhook-check.ts';

/** Looks for what keeps a server, or what it relies on, from doing its work. Changes nothing. */
export async function examineServer(target: Target): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    for await (const found of examine(target)) findings.push(...[found].flat());
  } catch (error) {
    findings.push(unreachable(target, error));
  }
  return findings;
}

async function* examine(target: Target): AsyncIterable<Finding | readonly Finding[]> {
  const health = await answerOf(target, '/healthz');
  yield reach(target, health);
  if (health.status !== 200) return;
  yield checkReadiness(await answerOf(target, '/readyz'));
  const access = await checkAccess(target);
  yield [access, checkClock(health), await checkLatency(target)];
  // Whoever is not let in can be told no more.
  if (access.severity === 'problem') return;
  yield [await checkEvents(target), await checkSetToSeen(target)];
  yield await checkAudit(target);
  yield await checkOverview(target);
  yield await checkDrift(target);
  yield await checkWebhooks(target);
}

function reach({ location }: Target, { status }: Answer): Finding {
  if (status === 200) return fine('reach', `The server answers at ${location}.`);
  return wrong('reach', {
    what: `Something at ${location} answers with status ${status}, and is no server of ours.`,
    why: 'Nothing can be asked of it.',
    fix: 'Check the URL, and what stands in front of it.',
  });
}

function unreachable({ location }: Target, error: unknown): Finding {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : (error as Error).message;
  return wrong('reach', {
    what: `The server at ${location} cannot be reached: ${cause}.`,
    why: 'Instances that rely on it serve what they have in memory.',
    fix: 'Does it run? npm start; or name another one with --url.',
  });
}
