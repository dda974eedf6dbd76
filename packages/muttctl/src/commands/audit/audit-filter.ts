import { InvalidArgumentError, Option, type Command } from 'commander';
import { Failure } from '../../failure.ts';
import { collectKeyPatterns } from '../../key-pattern.ts';
import { parseMoment } from '../../moment.ts';

/** Which records of the trail are meant: all that is given must hold. */
export interface AuditFilter {
  readonly key?: readonly string[];
  readonly actor?: string;
  readonly operation?: string;
  readonly source?: string;
  readonly since?: string;
  readonly until?: string;
  readonly text?: string;
}

const OPERATIONS = ['create', 'update', 'delete', 'gap', 'reveal'];
const SOURCES = ['commit', 'out-of-band', 'gap', 'reveal'];

export function addFilterOptions(command: Command): Command {
  return command
    .option('--key <pattern>', 'keys that match, such as moog_*; several: again, or with commas', collectKeyPatterns)
    .option('--actor <name>', 'exactly who changed it')
    .addOption(new Option('--operation <what>', 'what was done').choices(OPERATIONS).argParser(toOperation))
    .addOption(new Option('--source <source>', 'how it came').choices(SOURCES))
    .option('--since <when>', 'from then on: a time (2026-06-01T12:00:00Z, or 2026-06-01), or how long ago (2h)')
    .option('--until <when>', 'before then')
    .option('--text <words>', 'beginnings of words of the key, the actor, the reason and the correlation id');
}

/** The filter as the API of a server takes it. */
export function filterQuery(filter: AuditFilter, nowMs: number): Record<string, string> {
  const { key, actor, operation, source, since, until, text } = filter;
  return {
    ...(key !== undefined && { key: key.join(',') }),
    ...(actor !== undefined && { actor }),
    ...(operation !== undefined && { operation }),
    ...(source !== undefined && { source }),
    ...(since !== undefined && { from: toTime('--since', since, nowMs) }),
    ...(until !== undefined && { to: toTime('--until', until, nowMs) }),
    ...(text !== undefined && { text }),
  };
}

/** In the letters of the API, and in small ones. */
function toOperation(text: string): string {
  if (OPERATIONS.includes(text.toLowerCase())) return text.toUpperCase();
  throw new InvalidArgumentError(`Allowed choices are ${OPERATIONS.join(', ')}.`);
}

function toTime(option: string, text: string, nowMs: number): string {
  const moment = parseMoment(text, nowMs);
  if ('timeMs' in moment) return new Date(moment.timeMs).toISOString();
  throw new Failure(
    'usage',
    `${option} is a time (2026-06-01T12:00:00Z) or how long ago (30m, 2h, 1d), not a revision.`,
  );
}
