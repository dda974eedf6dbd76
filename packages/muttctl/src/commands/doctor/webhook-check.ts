import type { Finding } from '@mutt/dynamic-config/redis';
import type { Target } from '../../target.ts';
import { countText, fine, suspect, unknown, wrong } from './finding.ts';
import { answerOf } from './server-answer.ts';

interface SeenWebhook {
  readonly id: string;
  readonly url: string;
  readonly state: string;
  readonly waiting: { readonly attempts: number; readonly error: string | null } | null;
}

/** Webhooks whose receivers do not take what they are sent. */
export async function checkWebhooks(target: Target): Promise<Finding | readonly Finding[]> {
  const { status, body } = await answerOf(target, '/api/v1/webhooks');
  if (status === 401 || status === 403) return unknown('webhooks', 'Webhooks are for admins of all keys to see.');
  if (status !== 200) return unknown('webhooks', `The webhooks could not be looked at (status ${status}).`);
  const { webhooks = [] } = body as { webhooks?: readonly SeenWebhook[] };
  const bad = webhooks.flatMap((webhook) => problemWith(webhook, target));
  return bad.length > 0 ? bad : fine('webhooks', `${countText(webhooks.length, 'webhook')}, none of which fails.`);
}

function problemWith({ id, url, state, waiting }: SeenWebhook, { location }: Target): Finding[] {
  // The rest of a URL may be what lets in whoever knows it.
  const receiver = URL.canParse(url) ? new URL(url).host : 'its receiver';
  const why = 'Its receiver hears of no change meanwhile.';
  const path = `${location.replace(/\/+$/, '')}/api/v1/webhooks/${id}`;
  if (state === 'failing') {
    return [
      wrong('webhooks', {
        what: `The webhook to ${receiver} was given up: its receiver took nothing for days.`,
        why,
        fix: `When the receiver is well: curl -X PATCH ${path} -H "X-API-Key: $MUTT_API_KEY" -H 'Content-Type: application/json' -d '{"enabled": true}'`,
      }),
    ];
  }
  if (state !== 'enabled' || waiting === null || waiting.attempts === 0) return [];
  return [
    suspect('webhooks', {
      what: `The webhook to ${receiver} was tried ${waiting.attempts === 1 ? 'once' : `${waiting.attempts} times`} in vain: ${waiting.error ?? 'no reason is told'}`,
      why,
      fix: `Is its receiver well? It is tried again by itself. Whether it takes a ping: curl -X POST ${path}/test -H "X-API-Key: $MUTT_API_KEY"`,
    }),
  ];
}
