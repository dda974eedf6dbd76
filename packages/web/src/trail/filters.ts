import type { AuditSearch } from '../app/router.tsx';

/** The filters as the API takes them. */
export function toQuery(filters: AuditSearch, more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({ ...filters, ...more }).toString();
}

export function isFiltered(filters: AuditSearch): boolean {
  return Object.keys(filters).length > 0;
}

/** The filters with one of them changed; none is kept as an empty text. */
export function withFilter(filters: AuditSearch, name: keyof AuditSearch, value: string | null): AuditSearch {
  const { [name]: _, ...others } = filters;
  const text = value?.trim() ?? '';
  return text === '' ? others : { ...others, [name]: text };
}

/** What leaves the records of this moment only: a change set has one time for all of its records. */
export function onlyAt(changedAt: string): AuditSearch {
  return { from: changedAt, to: new Date(Date.parse(changedAt) + 1).toISOString() };
}
