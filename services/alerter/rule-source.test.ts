import { readFile } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startPostgres } from '../../test/support/postgres-server.ts';
import { toRuleSet } from './rule-set.ts';
import { databaseRules, ruleSourceOf } from './rule-source.ts';

it('reads rules and hosts from the tables of its SQL file, in order', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const source = databaseRules(postgres.url);
  await expect(source.read()).rejects.toThrow('"dev_hosts" does not exist');

  await postgres.query(await readFile(new URL('./sql/001-alert-rules.sql', import.meta.url), 'utf8'));
  expect(await source.read()).toEqual({ dev_hosts: [], rules: [] });

  await postgres.query(`
    insert into dev_hosts values ('*.dev.example');
    insert into alert_rules (name, match_type, match, priority, prod_handling, dev_handling, team) values
      ('z-first', 'contains', 'disk', 10, 'page', 'ticket', 'storage'),
      ('a-second', 'regex', 'd.sk', 10, 'page', 'ticket', 'storage'),
      ('broken', 'regex', '(d', 10, 'page', 'ticket', 'storage')`);
  const { rules, isDevHost, refused } = toRuleSet(await source.read());
  expect(rules.map((rule) => rule.name)).toEqual(['z-first', 'a-second']);
  expect(refused).toEqual([{ name: 'broken', reason: expect.stringContaining('missing closing )') }]);
  expect(isDevHost('web.dev.example')).toBe(true);
});

it.each([
  ['no source', {}, 'Set RULES_FILE'],
  ['two sources', { RULES_FILE: 'a', RULES_DATABASE_URL: 'b' }, 'not both'],
])('refuses an environment that names %s', (_, env, problem) => {
  expect(() => ruleSourceOf(env)).toThrow(problem);
});
