import type { DynamicConfig } from '@mutt/dynamic-config';
import type * as Library from '@mutt/dynamic-config';
import type { Declared } from './declared.ts';
import { writeYaml } from './formats/yaml-format.ts';
import { escapeUnsafe } from './terminal-text.ts';

/** What somebody is given to edit. */
export interface EditDocument {
  readonly text: string;
  /** The keys in it. One that is missing afterwards is to be deleted. */
  readonly keys: readonly string[];
}

const HEAD = `# Edit the values, save and leave the editor: what differs is applied as one change.
# A line that you delete deletes its key; a line that you add sets one. Leave without saving, and nothing happens.
`;

/** The keys that match, as YAML, with what their services declare as comments. Secrets are left out unless revealed. */
export async function toEditDocument(
  config: DynamicConfig,
  {
    declared,
    matches,
    location,
  }: {
    readonly declared: Declared;
    readonly matches: (key: string) => boolean;
    readonly location: string;
  },
): Promise<EditDocument> {
  const library = await import('@mutt/dynamic-config');
  const set = Object.entries(config.getAll()).filter(([key]) => matches(key) && !declared.isMasked(key));
  const body =
    set.length === 0
      ? ''
      : writeYaml(new Map(set), { commentOf: (key) => commentOn(key, declared, library), isBare: true });
  const unset = declared.registry.settings.filter(
    ({ key, description }) => matches(key) && config.entry(key) === undefined && !description.isSecret,
  );
  const suggestions = unset.map(({ key, description }) => {
    const line = writeYaml(new Map([[key, description.default ?? '']]), { isBare: true }).trimEnd();
    return `\n${`${commentOn(key, declared, library) ?? ''}\n${line}`.replace(/^ ?/gm, '# ')}\n`;
  });
  const rest = suggestions.length === 0 ? '' : `\n# Declared, and not set:\n${suggestions.join('')}`;
  const where = `# ${escapeUnsafe(location)}, revision ${config.head.revision}\n`;
  return { text: `${where}${HEAD}\n${body}${rest}`, keys: set.map(([key]) => key) };
}

/** Lines of a comment, without their `#`; null: nothing is known. */
function commentOn(key: string, { registry }: Declared, { ruleText }: typeof Library): string | null {
  const setting = registry.get(key);
  if (setting === undefined) return null;
  const { description, unit, deprecated, requiresRestart, default: otherwise } = setting.description;
  const type = [
    `${ruleText(setting.description)}${unit === null ? '' : ` (${unit})`}`,
    ...(otherwise === null ? [] : [`default ${otherwise === '' ? '""' : otherwise}`]),
    ...(requiresRestart ? ['takes effect after a restart'] : []),
  ].join(', ');
  const lines = [description, type, deprecated === null ? null : `Deprecated: ${deprecated}`];
  return lines
    .flatMap((line) => (line === null ? [] : [` ${escapeUnsafe(line.replace(/\s*\n\s*/g, ' '))}`]))
    .join('\n');
}
