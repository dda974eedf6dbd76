const MASK = '***';
const CREDENTIALS_IN_URL = /(\b[a-z][a-z0-9+.-]*:\/\/)\S*@/gi;

/** A text without the credentials of any URL in it, and without the API key. */
export function maskSecrets(text: string, apiKey: string | undefined): string {
  const masked = text.replace(CREDENTIALS_IN_URL, `$1${MASK}@`);
  return apiKey ? masked.replaceAll(apiKey, MASK) : masked;
}
