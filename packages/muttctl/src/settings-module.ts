import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Setting } from '@mutt/dynamic-config';
import { Failure } from './failure.ts';

/**
 * The settings that a module of a service declares: its default export, or its export named `settings`. The module runs.
 *
 * @throws Failure
 */
export async function loadSettingsModule(path: string): Promise<ReadonlyMap<string, Setting<unknown>>> {
  const exported = await importModule(path);
  const settings = exported['default'] ?? exported['settings'];
  if (typeof settings !== 'object' || settings === null) {
    throw new Failure('usage', `${path} exports no settings: export them as default, or under the name settings.`);
  }
  const { toSettings } = await import('@mutt/dynamic-config');
  return toSettings(settings as never);
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('usage', `The settings module ${path} cannot be loaded: ${why}`, { cause });
  }
}
