import type { Instance } from '../api/replies.ts';

/** A service whose instances do not all run the same version. */
export interface SeveralVersions {
  readonly service: string;
  readonly versions: readonly { readonly version: string; readonly count: number }[];
}

/** The services that run in several versions at once: a rollout that is under way, or one that got stuck. */
export function severalVersions(instances: readonly Instance[]): readonly SeveralVersions[] {
  const counts = new Map<string, Map<string, number>>();
  for (const { service, version } of instances) {
    if (service === null || version === null) continue;
    const ofService = counts.get(service) ?? new Map<string, number>();
    counts.set(service, ofService.set(version, (ofService.get(version) ?? 0) + 1));
  }
  return [...counts]
    .filter(([, ofService]) => ofService.size > 1)
    .map(([service, ofService]) => ({
      service,
      versions: [...ofService]
        .map(([version, count]) => ({ version, count }))
        .toSorted((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true })),
    }));
}
