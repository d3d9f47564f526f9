// The sign-in page: a plain form that works without scripts.
import { PASSWORD, people } from './people.mjs';

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const page = (action, user, problem) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Example organisation</title>
<style>
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif }
body { display: grid; min-height: 100svh; margin: 0; place-items: center }
main { box-sizing: border-box; width: min(22rem, 100%); padding: 1.5rem }
h1 { margin: 0 0 1rem; font-size: 1.25rem; font-weight: 600 }
label { display: block; margin-top: .75rem }
input, button { box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid #777; border-radius: .375rem; font: inherit }
button { margin-top: 1.25rem; border-color: transparent; background: #1f5aa8; color: #fff; font-weight: 600 }
:focus-visible { outline: 2px solid #1f5aa8; outline-offset: 2px }
[role=alert] { margin: 0; color: light-dark(#a3231b, #ff9a90) }
aside { margin-top: 1.5rem; font-size: .875rem }
</style>
</head>
<body>
<main>
<h1>Sign in to Example organisation</h1>
${problem ? `<p role="alert">${problem}</p>` : ''}
<form method="post" action="${escape(action)}">
<label for="user">User</label>
<input id="user" name="user" value="${escape(user)}" autocomplete="username" autocapitalize="none" spellcheck="false" required${user ? '' : ' autofocus'}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${user ? ' autofocus' : ''}>
<button>Sign in</button>
</form>
<aside>Accounts for trying it out: ${people.map((person) => `<b>${person.login}</b>`).join(', ')}. The password of each is <b>${PASSWORD}</b>.</aside>
</main>
</body>
</html>`;

async function form(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
}

function show(ctx, user, problem) {
  ctx.status = problem ? 401 : 200;
  ctx.type = 'html';
  // No form-action: browsers hold the redirects after the form against it too, and those lead to the portal.
  ctx.set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
  ctx.set('cache-control', 'no-store');
  ctx.body = page(ctx.path, user, problem);
}

export const signIn = (provider, findUser) => async (ctx, next) => {
  if (!ctx.path.startsWith('/sign-in/')) return next();
  try {
    await provider.interactionDetails(ctx.req, ctx.res);
  } catch {
    ctx.status = 400;
    ctx.body = 'This sign-in has ended. Go back to the portal and start again.';
    return undefined;
  }
  if (ctx.method !== 'POST') return show(ctx, '', undefined);
  const fields = await form(ctx.req);
  const person = findUser(fields.get('user') ?? '', fields.get('password') ?? '');
  if (!person) return show(ctx, fields.get('user') ?? '', 'User and password do not match.');
  const location = await provider.interactionResult(ctx.req, ctx.res, { login: { accountId: person.sub } });
  ctx.status = 303;
  ctx.redirect(location);
  return undefined;
};
