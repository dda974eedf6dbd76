type Search = Readonly<Record<string, unknown>>;

/** The query of an address as texts by name. The router would read `1e3` as a number and `null` as nothing: both are keys. */
export function parseSearch(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

/** The same as a query; what is undefined is left out. */
export function stringifySearch(search: Search): string {
  const texts = Object.entries(search).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(texts.map(([name, value]) => [name, String(value)])).toString();
  return query === '' ? '' : `?${query}`;
}
