import type { FastifyPluginAsync } from 'fastify';
import { SHORTEST_PASSWORD } from './passwords.ts';

/** Its own script and style only, and nobody else's frame. */
const PAGE_POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in · MUTT dynamic configuration</title>
<link rel="stylesheet" href="/sign-in.css">
<main>
<h1>Sign in</h1>
<form>
<label>User name <input name="username" autocomplete="username" value="admin" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<p role="status"></p>
</main>
<script src="/sign-in.js"></script>
</html>
`;

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 22rem; margin: 10vh auto; padding: 0 1rem }
label { display: block; margin: 1rem 0 }
input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit }
button { padding: .5rem 1.5rem; font: inherit }
`;

/** With a token behind the #, which no server ever sees, the password is chosen; without one, it is asked for. */
const SCRIPT = `'use strict';
const token = new URLSearchParams(location.hash.slice(1)).get('token');
const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
if (token !== null) {
  document.querySelector('h1').textContent = 'Choose a password';
  form.elements.password.autocomplete = 'new-password';
  form.elements.password.minLength = ${SHORTEST_PASSWORD};
  status.textContent = 'At least ${SHORTEST_PASSWORD} characters. This link works once.';
}
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { username, password } = Object.fromEntries(new FormData(form));
  const body = token === null ? { username, password } : { token, username, password };
  status.textContent = 'One moment …';
  try {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const reply = await fetch('/api/v1/session', init);
    const { error } = await reply.json();
    status.textContent = reply.ok ? 'You are signed in as ' + username + '. ' : error;
    if (!reply.ok) return;
    history.replaceState(null, '', location.pathname);
    form.hidden = true;
    const link = document.createElement('a');
    link.href = '/docs';
    link.textContent = 'What the API can do';
    status.append(link);
  } catch {
    status.textContent = 'The server cannot be reached. Try again.';
  }
});
`;

/** `/sign-in`: where the link leads that the first start prints. */
export const signInPage: FastifyPluginAsync = async (app) => {
  const options = { config: { isPublic: true }, schema: { hide: true }, logLevel: 'warn' } as const;
  for (const [path, type, text] of [
    ['/sign-in', 'text/html', PAGE],
    ['/sign-in.css', 'text/css', STYLE],
    ['/sign-in.js', 'text/javascript', SCRIPT],
  ] as const) {
    app.get(path, options, async (_, reply) =>
      reply.type(`${type}; charset=utf-8`).header('content-security-policy', PAGE_POLICY).send(text),
    );
  }
};
