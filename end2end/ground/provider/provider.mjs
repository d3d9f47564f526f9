// The OpenID provider of the ground. Everything it needs to know comes from the environment:
//   PROVIDER_PORT             the loopback port to listen on
//   PROVIDER_KEYS             the file that holds the signing key and the cookie keys, made when absent
//   PROVIDER_CLIENT_ID        the portal's client
//   PROVIDER_CLIENT_SECRET
//   PROVIDER_BACKCHANNEL_URI  where to announce sign-outs; absent = not at all
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { MemoryStore } from './store.mjs';
import { findAccount, findUser } from './people.mjs';
import { signIn } from './sign_in.mjs';
import { confirmSignOut, misbehave, spoil } from './behaviour.mjs';

const port = Number(process.env.PROVIDER_PORT);
const issuer = `http://127.0.0.1:${port}`;
const client = {
  client_id: process.env.PROVIDER_CLIENT_ID,
  client_secret: process.env.PROVIDER_CLIENT_SECRET,
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['http://127.0.0.1/auth/callback'],
  post_logout_redirect_uris: ['http://127.0.0.1/auth/signed-out'],
  ...(process.env.PROVIDER_BACKCHANNEL_URI && {
    backchannel_logout_uri: process.env.PROVIDER_BACKCHANNEL_URI,
    backchannel_logout_session_required: true,
  }),
};

async function newSigningKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex'), alg: 'RS256', use: 'sig' };
}

async function loadKeys(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    if (cause.code !== 'ENOENT') throw cause;
  }
  const keys = { signing: await newSigningKey(), cookies: [randomBytes(24).toString('hex')] };
  await writeFile(path, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

// People run the portal on whatever loopback port is free, so the port is not compared, only host and path.
const isLoopback = (uri, path) => {
  if (!URL.canParse(uri)) return false;
  const url = new URL(uri);
  return url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
    && url.pathname === path && url.search === '' && url.hash === '';
};

function build(keys) {
  const provider = new Provider(issuer, {
    adapter: MemoryStore,
    clients: [client],
    jwks: { keys: [keys.signing] },
    cookies: { keys: keys.cookies },
    findAccount,
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
    // Put the claims of the granted scopes into the id token, as most organisations' providers do.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: () => true },
    issueRefreshToken: async (_ctx, asking) => asking.grantTypeAllowed('refresh_token'),
    // The package's own fetch refuses loopback addresses; here everything is on one.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        // Never seen by a person: confirmSignOut answers it. It only has to carry the form's token.
        logoutSource: (ctx, form) => { ctx.body = `<!doctype html><title>Sign out</title>${form}`; },
        postLogoutSuccessSource: (ctx) => { ctx.body = '<!doctype html><html lang="en"><title>Signed out</title><p>You are signed out.</p></html>'; },
      },
    },
    interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    // Nobody is asked for consent: there is one client, and it is ours.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid offline_access profile email groups');
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 86400, IdToken: 3600, Interaction: 3600, RefreshToken: 86400, Session: 86400 },
  });
  provider.Client.prototype.redirectUriAllowed = (uri) => isLoopback(uri, '/auth/callback');
  provider.Client.prototype.postLogoutRedirectUriAllowed = (uri) => isLoopback(uri, '/auth/signed-out');
  provider.use(confirmSignOut(issuer));
  provider.use(signIn(provider, findUser));
  provider.use(spoil(issuer, keys));
  return provider.callback();
}

const keys = await loadKeys(process.env.PROVIDER_KEYS);
let answer = build(keys);

// A provider cannot change its keys while it runs: another one takes over, with the same sessions in the store.
const rotateKeys = async () => {
  keys.signing = await newSigningKey();
  answer = build(keys);
};

createServer(async (request, response) => {
  try {
    if (request.url === '/test/misbehave') await misbehave(request, response, rotateKeys);
    else await answer(request, response);
  } catch (cause) {
    console.error(cause);
    if (!response.headersSent) response.writeHead(500).end();
  }
}).listen(port, '127.0.0.1', () => console.log(`READY ${issuer}`));
