const MASK = '***';
/** Up to the last `@` before the next URL: a password may hold spaces and `@`. Rather too much than too little. */
const CREDENTIALS_IN_URL = /(\b[a-z][a-z0-9+.-]*:\/\/)(?:(?!\b[a-z][a-z0-9+.-]*:\/\/)[^\n])*@/gi;

/** A text without the credentials of any URL in it, and without the API key. */
export function maskSecrets(text: string, apiKey: string | undefined): string {
  const masked = text.replace(CREDENTIALS_IN_URL, `$1${MASK}@`);
  return apiKey ? masked.replaceAll(apiKey, MASK) : masked;
}
