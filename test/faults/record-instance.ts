import type { DynamicConfig } from '@mutt/dynamic-config';
import type { HistoryEvent } from './history.ts';

/** Writes down what an instance serves from here on, step by step, and what its callbacks are told. */
export function recordInstance(config: DynamicConfig, instance: string, record: (event: HistoryEvent) => void): void {
  record({ is: 'began', instance, head: config.head, values: { ...config.getAll() } });
  config.subscribe(({ previousHead, head, changes }) => {
    const all = config.getAll();
    for (const { key, value } of changes) {
      if (config.get(key, null) === value && (all[key] ?? null) === value) continue;
      record({ is: 'misread', instance, invariant: 'T', what: `tells of ${key}=${value}, and serves ${all[key]}` });
    }
    record({
      is: 'stepped',
      instance,
      previousHead,
      head,
      changes: changes.map(({ key, value }) => ({ key, value })),
      atMs: Date.now(),
    });
  });
  config.registerCallback('*', (key, value) => record({ is: 'called', instance, key, value: value ?? null }));
}
