import type { RunningServer } from './compose.ts';

const DEFAULT_URL = 'http://127.0.0.1:8090';
/** Shorter keys can be guessed, or found out from their hash. */
const SHORTEST_SAFE_KEY = 20;
const NEW_KEY = 'npm start -- --new-api-key';

/** What the operator sees once the server listens. A key is shown only when it was made just now. */
export function startScreen(server: RunningServer): string {
  const { url, entriesIn, databaseIn, adminKey } = server;
  const entries = entriesIn === databaseIn ? `${databaseIn} (embedded database)` : entriesIn;
  return [
    '',
    `MUTT dynamic configuration is at ${url}`,
    '',
    `  Entries   ${entries}`,
    ...(entriesIn === databaseIn ? [] : [`  Audit     ${databaseIn} (and API keys)`]),
    ...keyLines(adminKey),
    ...(server.signInLink === null ? [] : [`  Sign in   ${server.signInLink} (once, within 24 hours)`]),
    '',
    'Try it:',
    ...examples(url, adminKey.origin === 'generated' && adminKey.key !== null ? adminKey.key : null),
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

function keyLines({ origin, key }: RunningServer['adminKey']): string[] {
  const lines: Record<typeof origin, string[]> = {
    generated: [`  API key   ${key} (shown only now: keep it)`],
    taken: ['  API key   the one in MUTT_API_KEY'],
    kept: [`  API key   as before; lost? Stop this and run: ${NEW_KEY}`],
    none: ['  API key   the one called admin was revoked; the others work'],
    'kept-despite-wanted': [
      `  API key   as before: MUTT_API_KEY holds another one, which does not work. To make it the key, stop this and run: ${NEW_KEY}`,
    ],
  };
  const isWeak = origin === 'taken' && key !== null && key.length < SHORTEST_SAFE_KEY;
  return [...lines[origin], ...(isWeak ? ['            It is short: fine for trying, too weak for a network.'] : [])];
}

/** Lines to paste into a shell; a key that must not be shown is expected in the environment. */
function examples(url: string, key: string | null): string[] {
  const environment = [
    ...(url === DEFAULT_URL ? [] : [`MUTT_CONFIG_URL=${url}`]),
    ...(key === null ? [] : [`MUTT_API_KEY=${key}`]),
  ];
  return [
    `  curl -X PUT ${url}/api/v1/config/greeting -H "X-API-Key: ${key ?? '$MUTT_API_KEY'}" -H 'Content-Type: application/json' -d '{"value":"hello"}'`,
    `  ${[...environment, 'npx muttctl config get greeting'].join(' ')}`,
    ...(key === null ? ['  (with MUTT_API_KEY set to the key)'] : []),
  ];
}
