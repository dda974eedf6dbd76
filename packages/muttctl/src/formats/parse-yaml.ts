import { parse } from 'yaml';

/** Any YAML, as plain values. A module of its own, so that a bundle can load it late: `yaml` is CommonJS for Node. */
export function parseYaml(text: string): unknown {
  return parse(text) as unknown;
}
