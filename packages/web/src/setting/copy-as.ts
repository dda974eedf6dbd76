export interface CopiedCommand {
  readonly label: string;
  readonly text: string;
}

/** How to set a key to a value elsewhere, or to read it where there is no value to show; `origin` is the server's. */
export function copyAs(key: string, value: string | null, origin: string): readonly CopiedCommand[] {
  return [
    { label: 'muttctl', text: muttctl(key, value, origin) },
    { label: 'curl', text: curl(key, value, origin) },
    { label: 'TypeScript', text: typeScript(key, value) },
  ];
}

/** A word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function muttctl(key: string, value: string | null, origin: string): string {
  const url = `--url ${shellWord(origin)}`;
  if (value === null) return `muttctl config get ${url} -- ${shellWord(key)}`;
  return `muttctl config set ${url} -- ${shellWord(key)} ${shellWord(value)}`;
}

function curl(key: string, value: string | null, origin: string): string {
  const header = `-H "X-API-Key: $MUTT_API_KEY"`;
  if (value === null && !isDots(key)) return `curl ${header} ${shellWord(`${origin}/api/v1/config/${encoded(key)}`)}`;
  if (value === null) return `curl ${header} ${shellWord(`${origin}/api/v1/entries?key=${encoded(key)}`)}`;
  const json = `-H 'Content-Type: application/json'`;
  // Clients resolve these in a path, whatever they are written as.
  if (isDots(key)) {
    const body = JSON.stringify({ changes: [{ key, value }] });
    return `curl -X POST ${header} ${json} -d ${shellWord(body)} ${shellWord(`${origin}/api/v1/changes`)}`;
  }
  const body = shellWord(JSON.stringify({ value }));
  return `curl -X PUT ${header} ${json} -d ${body} ${shellWord(`${origin}/api/v1/config/${encoded(key)}`)}`;
}

function typeScript(key: string, value: string | null): string {
  const name = JSON.stringify(key);
  return value === null ? `config.get(${name})` : `await config.set(${name}, ${JSON.stringify(value)})`;
}

function isDots(key: string): boolean {
  return key === '.' || key === '..';
}

/** As `encodeURIComponent`, and quotes too, which a shell would take for its own. */
function encoded(key: string): string {
  return encodeURIComponent(key).replaceAll("'", '%27');
}
