import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { parse } from 'yaml';
import { packageFile } from '../pipeline/package-file.ts';

const TIMEOUT_MS = 5_000;
const READ_RULES = packageFile('alerter/sql/read-rules.sql');

/** Where rules are written. */
export interface RuleSource {
  /** For people: never with a password. */
  readonly name: string;
  /** What is written there now, unchecked. */
  read(): Promise<unknown>;
}

/** @throws Error unless the environment names one source. */
export function ruleSourceOf(env: Readonly<Record<string, string | undefined>>): RuleSource {
  const { RULES_FILE: file, RULES_DATABASE_URL: url } = env;
  if (file && url) throw new Error('Set one of RULES_FILE and RULES_DATABASE_URL, not both.');
  if (file) return fileRules(file);
  if (url) return databaseRules(url);
  throw new Error(
    'Set RULES_FILE (YAML) or RULES_DATABASE_URL (PostgreSQL): an alerter without rules has nothing to do.',
  );
}

export function fileRules(path: string): RuleSource {
  return {
    name: path,
    read: async () => parse(await readFile(path, 'utf8')) as unknown,
  };
}

/** The tables of `sql/001-alert-rules.sql`. A connection for each read: there are minutes between them. */
export function databaseRules(url: string): RuleSource {
  return {
    name: 'the database of RULES_DATABASE_URL',
    async read() {
      const client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: TIMEOUT_MS,
        query_timeout: TIMEOUT_MS,
        application_name: 'mutt-alerter',
      });
      // A connection that is lost between two queries must not end the process; the query itself tells of it.
      client.on('error', () => {});
      try {
        await client.connect();
        const { rows } = await client.query<Record<string, unknown>>(await readFile(READ_RULES, 'utf8'));
        return rows[0];
      } finally {
        // Not waited for: a server that hangs would not answer this either.
        client.end().catch(() => {});
      }
    },
  };
}
