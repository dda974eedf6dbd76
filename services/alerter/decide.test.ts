import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Event } from '../pipeline/event.ts';
import { decide } from './decide.ts';
import { toRuleSet } from './rule-set.ts';
import type { RuleSet } from './rule-set.ts';

let sample: RuleSet;
beforeAll(async () => {
  sample = toRuleSet(parse(await readFile(new URL('./rules.yaml', import.meta.url), 'utf8')));
});

function eventOf(message: string, more: Partial<Event> = {}): Event {
  return {
    id: 'e1',
    timestamp: '2026-01-01T00:00:00Z',
    message,
    hostname: 'core-01',
    source: 'http',
    correlation_id: 'c1',
    received_at: '2026-01-01T00:00:01Z',
    ...more,
  };
}

function summaryOf(event: Event, rules: RuleSet): string {
  const decision = decide(event, rules);
  if (decision.outcome === 'alert') return `${decision.alert.handling} ${decision.alert.rule}`;
  return decision.outcome === 'ignored' ? `ignored ${decision.rule}` : 'unhandled';
}

const trap = '1.3.6.1.4.1.9.9.13.3.0.1';

it.each([
  ['write /var/log/x: No space left on device', {}, 'page disk-full'],
  ['write /var/log/x: No space left on device', { hostname: 'ci.dev.example' }, 'ticket disk-full'],
  ['write /var/log/x: no space left on device', {}, 'unhandled'],
  ['%BGP-5-ADJCHANGE: neighbor 10.0.0.2 Down BGP Notification sent', {}, 'page bgp-session-down'],
  ['%BGP-5-ADJCHANGE: neighbor 10.0.0.2 Up', {}, 'unhandled'],
  ['%LINEPROTO-5-UPDOWN: Line protocol on Gi0/1, changed state to down', {}, 'ticket interface-down'],
  [
    '%LINEPROTO-5-UPDOWN: Line protocol on Gi0/1, changed state to down',
    { hostname: 'BUILD-01' },
    'ignored interface-down',
  ],
  ['kernel: Out of memory: Killed process 77 (java)', {}, 'page out-of-memory'],
  ['blk_update_request: i/o error, dev sda, sector 1', {}, 'ticket disk-failing'],
  ['Failed password for invalid user root from 10.1.1.1 port 22', {}, 'ticket login-failures'],
  ['trap', { oid: '1.3.6.1.6.3.1.1.5.3' }, 'page link-down-trap'],
  ['trap', { oid: '.1.3.6.1.6.3.1.1.5.3.1' }, 'page link-down-trap'],
  ['trap', { oid: '1.3.6.1.6.3.1.1.5.30' }, 'unhandled'],
  ['trap', { oid: trap }, 'page environment-monitor-trap'],
  ['trap', { oid: '1.3.6.1.4.1.9.2.1' }, 'ticket cisco-trap'],
  ['trap', { oid: '1.3.6.1.4.1.99.2' }, 'unhandled'],
  ['1.3.6.1.4.1.9 in the text is no OID', {}, 'unhandled'],
  ['write: No space left on device', { oid: trap }, 'page environment-monitor-trap'],
  ['pam_unix(sshd:session): session opened for user x', {}, 'ignored session-noise'],
])('decides on "%s" of %o: %s', (message, more, expected) => {
  expect(summaryOf(eventOf(message, more), sample)).toBe(expected);
});

it('tells in an alert which rule made it, for whom, and of which event', () => {
  const event = eventOf('No space left on device');
  expect(decide(event, sample)).toEqual({
    outcome: 'alert',
    alert: {
      id: 'e1',
      rule: 'disk-full',
      priority: 20,
      handling: 'page',
      team: 'storage',
      environment: 'prod',
      event,
    },
  });
});

it('matches a pattern that would hang others in time in proportion to the message', () => {
  const rule = { match_type: 'regex', priority: 1, prod_handling: 'page', dev_handling: 'page', team: 'noc' };
  const rules = toRuleSet({
    rules: [
      { ...rule, name: 'nested', match: '(a+)+$' },
      { ...rule, name: 'overlapping', match: String.raw`^(\w|\d|a)*c$` },
    ],
  });
  expect(rules.refused).toEqual([]);
  // With the regular expressions of JavaScript this takes longer than the universe will last.
  expect(summaryOf(eventOf(`${'a'.repeat(32 * 1_024)}!`), rules)).toBe('unhandled');
  expect(summaryOf(eventOf('a'.repeat(32 * 1_024)), rules)).toBe('page nested');
});

it('gives up on an event that so many rules take too long for, so that it costs no others', () => {
  let ms = 0;
  const now = (): number => (ms += 500);
  expect(() => decide(eventOf('known by no rule'), sample, now)).toThrow(/^\d+ rules took longer than 2000 ms$/);
  expect(decide(eventOf('known by no rule'), sample, () => 0).outcome).toBe('unhandled');
});
