// How does the provider depart from the plain course? Sign-out needs no click, and tests can make it misbehave:
// POST /test/misbehave {"mode": "..."} holds until the next such request.
import { decodeJwt, importJWK, SignJWT, UnsecuredJWT } from 'jose';

const modes = ['none', 'wrong-issuer', 'wrong-audience', 'wrong-nonce', 'expired', 'unsigned', 'html', 'slow', 'rotate-keys', 'no-iss'];
const STALL = 30_000;
let mode = 'none';

export async function misbehave(request, response, rotateKeys) {
  let text = '';
  for await (const chunk of request) text += chunk;
  let asked;
  try {
    asked = JSON.parse(text).mode;
  } catch { /* said below, with the other wrong values */ }
  if (request.method !== 'POST' || !modes.includes(asked)) {
    response.writeHead(400).end(`Send POST {"mode": one of ${modes.join(', ')}}\n`);
    return;
  }
  // New keys are a single act and the new normal afterwards.
  if (asked === 'rotate-keys') await rotateKeys();
  mode = asked;
  response.writeHead(204).end();
}

const changes = {
  'wrong-issuer': (claims) => ({ ...claims, iss: 'https://other.example.org' }),
  'wrong-audience': (claims) => ({ ...claims, aud: 'another-client' }),
  'wrong-nonce': (claims) => ({ ...claims, nonce: 'another-nonce' }),
  expired: (claims) => ({ ...claims, iat: claims.iat - 7200, exp: claims.iat - 3600 }),
};

async function changed(token, keys) {
  const claims = decodeJwt(token);
  if (mode === 'unsigned') return new UnsecuredJWT(claims).encode();
  if (!changes[mode]) return token;
  const key = await importJWK(keys.signing, 'RS256');
  return new SignJWT(changes[mode](claims)).setProtectedHeader({ alg: 'RS256', kid: keys.signing.kid }).sign(key);
}

export const spoil = (issuer, keys) => async (ctx, next) => {
  if (ctx.path === '/token' && mode === 'slow') await new Promise((resolve) => { setTimeout(resolve, STALL); });
  await next();
  if (ctx.path === '/token' && mode === 'html') {
    ctx.status = 200;
    ctx.type = 'html';
    ctx.body = '<!doctype html><title>Maintenance</title><p>We are back soon.</p>';
  } else if (ctx.path === '/token' && ctx.body?.id_token) {
    ctx.body = { ...ctx.body, id_token: await changed(ctx.body.id_token, keys) };
  }
  const location = ctx.response.get('location');
  if (mode === 'no-iss' && location?.includes('code=')) {
    const url = new URL(location, issuer);
    url.searchParams.delete('iss');
    ctx.set('location', url.href);
  }
};

// The package asks "do you want to sign out?" with a form. People have said so in the portal already, so the answer
// is sent for them, through the package's own route: it also ends the grants and tells the clients.
export const confirmSignOut = (issuer) => async (ctx, next) => {
  await next();
  const secret = ctx.path === '/session/end' && ctx.status === 200 && /name="xsrf" value="([0-9a-f]+)"/.exec(ctx.body)?.[1];
  if (!secret) return;
  const fresh = [ctx.response.get('set-cookie')].flat().filter(Boolean).map((line) => line.split(';')[0]);
  const kept = (ctx.get('cookie') || '').split('; ').filter((pair) => pair && !fresh.some((one) => one.split('=')[0] === pair.split('=')[0]));
  const answer = await fetch(`${issuer}/session/end/confirm`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: [...kept, ...fresh].join('; ') },
    body: new URLSearchParams({ xsrf: secret, logout: 'yes' }),
  });
  ctx.status = answer.status;
  ctx.set('set-cookie', [...[ctx.response.get('set-cookie')].flat().filter(Boolean), ...answer.headers.getSetCookie()]);
  if (answer.headers.has('location')) ctx.set('location', answer.headers.get('location'));
  ctx.type = 'html';
  ctx.body = await answer.text();
};
