import type { Alert, Event } from '../pipeline/event.ts';
import type { RuleSet } from './rule-set.ts';

/** What is to become of an event. */
export type Decision =
  | { readonly outcome: 'alert'; readonly alert: Alert }
  | { readonly outcome: 'ignored'; readonly rule: string }
  | { readonly outcome: 'unhandled' };

/** By the first rule that matches: rules are in order of their priority. */
export function decide(event: Event, { rules, isDevHost }: Pick<RuleSet, 'rules' | 'isDevHost'>): Decision {
  const rule = rules.find((one) => one.matches(event));
  if (rule === undefined) return { outcome: 'unhandled' };
  const environment = isDevHost(event.hostname) ? 'dev' : 'prod';
  const handling = rule.handling[environment];
  if (handling === 'ignore') return { outcome: 'ignored', rule: rule.name };
  const { name, priority, team } = rule;
  return { outcome: 'alert', alert: { id: event.id, rule: name, priority, handling, team, environment, event } };
}
