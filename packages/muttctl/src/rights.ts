import { Option, type Command } from 'commander';
import { collectKeyPatterns } from './key-pattern.ts';
import type { ColumnOf } from './print-table.ts';
import { fitTo } from './terminal-text.ts';

/** What somebody may do, as the API of a server has it. */
export interface RightsJson {
  readonly role: string;
  /** null: all keys. */
  readonly key_patterns: readonly string[] | null;
  readonly secrets: boolean;
}

/** What somebody is to be allowed. */
export interface RightsOptions {
  readonly role: string;
  readonly keys?: readonly string[];
  /** undefined: as the server has it for the role. */
  readonly secrets?: boolean;
}

const ROLES = ['viewer', 'editor', 'admin'];

export function addRightsOptions(command: Command): Command {
  return command
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).makeOptionMandatory())
    .option(
      '--keys <pattern>',
      'only keys that match, such as moog_*; several: again, or with commas',
      collectKeyPatterns,
    )
    .option('--secrets', 'may read secrets (admins may, unless --no-secrets says otherwise)')
    .option('--no-secrets', 'may not read secrets');
}

export function toRightsJson({ role, keys, secrets }: RightsOptions): Partial<RightsJson> {
  return { role, ...(keys !== undefined && { key_patterns: keys }), ...(secrets !== undefined && { secrets }) };
}

/** `editor of moog_*, smtp_*, without secrets`. */
export function rightsText({ role, key_patterns: patterns, secrets }: RightsJson): string {
  return `${role} of ${patterns === null ? 'all keys' : patterns.join(', ')}, ${secrets ? 'with' : 'without'} secrets`;
}

/** Columns of a table, for whoever has rights. */
export const RIGHTS_COLUMNS: readonly ColumnOf<RightsJson>[] = [
  { header: 'ROLE', cell: ({ role }) => role },
  { header: 'KEYS', minWidth: 8, cell: ({ key_patterns: patterns }) => fitTo(patterns?.join(', ') ?? 'all', 60) },
  { header: 'SECRETS', cell: ({ secrets }) => (secrets ? 'reads' : '-') },
];
