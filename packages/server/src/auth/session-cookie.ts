import type { IncomingHttpHeaders } from 'node:http';

/** `__Host-` makes browsers hold on to what is set below: no other host, path or plain HTTP can set or see it. */
const NAME = '__Host-mutt_session';
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';
const TOKEN = /^[\w-]{43}$/;

/** The token in the cookie of a request; null: none, or none that can be one. */
export function sessionTokenOf({ cookie }: IncomingHttpHeaders): string | null {
  for (const part of cookie?.split(';') ?? []) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === NAME && TOKEN.test(value)) return value;
  }
  return null;
}

/** Sets the cookie: for as long as the browser runs, while the server decides how long the session does. */
export function sessionCookie(token: string): string {
  return `${NAME}=${token}; ${ATTRIBUTES}`;
}

export const NO_SESSION_COOKIE = `${NAME}=; ${ATTRIBUTES}; Max-Age=0`;
