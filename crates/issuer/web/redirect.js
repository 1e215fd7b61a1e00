// Sign-in by redirect for a page without a server: authorization code with PKCE (RFC 7636).
//
// What must survive the way to Signet and back is in sessionStorage, under the `state` of the request,
// and is removed before the code is redeemed. The tokens are returned and stored nowhere.
// redirect.d.ts describes what is public.

export class RedirectError extends Error {
  constructor(code, description) {
    super(description ?? code);
    this.name = 'RedirectError';
    this.code = code;
  }
}

/** Sends the browser to Signet. It comes back to `redirectUri` with an answer for `finishSignIn`. */
export async function startSignIn({ url = HERE, clientId, redirectUri, scope = 'openid', ...more }) {
  const [state, nonce, verifier] = [random(), random(), random()];
  const back = redirectUri ?? location.origin + location.pathname;
  const kept = { url: origin(url), clientId, redirectUri: back, nonce, verifier };
  sessionStorage.setItem(NAME + state, JSON.stringify(kept));
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const parameters = {
    ...more,
    response_type: 'code',
    client_id: clientId,
    redirect_uri: back,
    scope,
    state,
    nonce,
    code_challenge: base64url(new Uint8Array(hash)),
    code_challenge_method: 'S256',
  };
  location.assign(`${kept.url}/oauth/authorize?${new URLSearchParams(parameters)}`);
}

/**
 * Returns the tokens for the answer in the address of the page, with `claims` of the ID token;
 * `null` if the address holds no answer.
 */
export async function finishSignIn(address = location.href) {
  const query = new URL(address).searchParams;
  const state = query.get('state');
  if (!state || !(query.has('code') || query.has('error'))) return null;
  if (address === location.href) clean();
  const kept = JSON.parse(sessionStorage.getItem(NAME + state));
  sessionStorage.removeItem(NAME + state);
  // Another page could have sent the browser here with a code of its own.
  if (!kept) throw new RedirectError('unknown_state', 'this page did not begin the sign-in');
  if (query.get('iss') !== kept.url) {
    throw new RedirectError('wrong_issuer', 'another server has answered');
  }
  if (query.has('error')) {
    throw new RedirectError(query.get('error'), query.get('error_description'));
  }
  const tokens = await redeem(kept, query.get('code'));
  if (!tokens.id_token) return tokens;
  const claims = claimsOf(tokens.id_token);
  if (claims.nonce !== kept.nonce) {
    throw new RedirectError('wrong_nonce', 'the ID token belongs to another sign-in');
  }
  return { ...tokens, claims };
}

async function redeem({ url, clientId, redirectUri, verifier }, code) {
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      code,
    }),
  });
  const body = await response.json();
  if (!response.ok) throw new RedirectError(body.error, body.error_description);
  return body;
}

/** Removes the answer from the address, so that a reload or a bookmark does not repeat it. */
function clean() {
  const page = new URL(location.href);
  for (const name of ANSWER) page.searchParams.delete(name);
  history.replaceState(history.state, '', page);
}

/** Signet itself sent the token over TLS, so the signature needs no check. */
function claimsOf(token) {
  const text = atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

const origin = (url) => new URL(url).origin;
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const HERE = new URL(import.meta.url).origin;
const NAME = 'signet redirect ';
const ANSWER = ['code', 'state', 'iss', 'error', 'error_description'];
