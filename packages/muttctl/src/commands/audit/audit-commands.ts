import type { Command } from 'commander';
import { lazyCommand } from '../../lazy-command.ts';

/** `muttctl audit …` */
export function defineAuditCommands(audit: Command): void {
  audit.description('read, prove and export the audit trail of a server').helpCommand(false);
  lazyCommand(
    audit,
    'list',
    'print who changed what, when and why, across all keys',
    async () => (await import('./list.ts')).defineAuditList,
  );
  lazyCommand(
    audit,
    'verify',
    'prove that no record was altered, removed or put in',
    async () => (await import('./verify.ts')).defineAuditVerify,
  );
  lazyCommand(
    audit,
    'head',
    'print a signed head of the trail, to keep where nobody can change it',
    async () => (await import('./head.ts')).defineAuditHead,
  );
  lazyCommand(
    audit,
    'export',
    'write records as CSV or JSON lines',
    async () => (await import('./export.ts')).defineAuditExport,
  );
}
