import type { Alert, Event } from '../pipeline/event.ts';
import type { RuleSet } from './rule-set.ts';

/** What is to become of an event. */
export type Decision =
  | { readonly outcome: 'alert'; readonly alert: Alert }
  | { readonly outcome: 'ignored'; readonly rule: string }
  | { readonly outcome: 'unhandled' };

/** So long may one event take, of however many rules: others wait for it, and so do heartbeats. */
const MOST_MS = 2_000;

/**
 * By the first rule that matches: rules are in order of their priority.
 *
 * @throws Error when it takes longer than 2 s to find it.
 */
export function decide(
  event: Event,
  { rules, isDevHost }: Pick<RuleSet, 'rules' | 'isDevHost'>,
  now: () => number = () => performance.now(),
): Decision {
  const startedAt = now();
  const rule = rules.find((one) => {
    if (now() - startedAt > MOST_MS) throw new Error(`${rules.length} rules took longer than ${MOST_MS} ms`);
    return one.matches(event);
  });
  if (rule === undefined) return { outcome: 'unhandled' };
  const environment = isDevHost(event.hostname) ? 'dev' : 'prod';
  const handling = rule.handling[environment];
  if (handling === 'ignore') return { outcome: 'ignored', rule: rule.name };
  const { name, priority, team } = rule;
  return { outcome: 'alert', alert: { id: event.id, rule: name, priority, handling, team, environment, event } };
}
