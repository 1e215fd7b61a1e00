// A service that verifies access tokens of Signet with jose. Run it:
//
//   npm install jose
//   ISSUER=http://127.0.0.1:8080 AUDIENCE=api LISTEN=127.0.0.1:8000 node orders.mjs

import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { ISSUER, AUDIENCE, LISTEN = '127.0.0.1:8000' } = process.env;
if (!ISSUER || !AUDIENCE) throw new Error('set ISSUER and AUDIENCE');

// Fetches the keys when they are needed, keeps them, and asks again for a key it does not know.
const keys = createRemoteJWKSet(new URL(`${ISSUER}/.well-known/jwks.json`));

const LEEWAY_SECONDS = 30;
const KEYS_UNAVAILABLE = ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC'];

async function claimsOf(request) {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer' || !token) throw new Error('no bearer token');
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['RS256'],
    issuer: ISSUER,
    // Trap: without `audience`, jose accepts tokens that are meant for other services.
    audience: AUDIENCE,
    // Trap: without `typ`, jose accepts every kind of token that Signet signs.
    typ: 'at+jwt',
    requiredClaims: ['exp', 'iat', 'sub'],
    clockTolerance: LEEWAY_SECONDS,
  });
  // Trap: jose looks at `iat` only together with `maxTokenAge`.
  if (payload.iat > Date.now() / 1000 + LEEWAY_SECONDS) throw new Error('issued in the future');
  return payload;
}

const server = createServer(async (request, response) => {
  try {
    const claims = await claimsOf(request);
    response.end(`the orders of ${claims.sub}\n`);
  } catch (error) {
    // If the keys cannot be fetched, that says nothing about the token.
    const isDown = KEYS_UNAVAILABLE.includes(error.code) || error instanceof TypeError;
    if (isDown) response.writeHead(503, { 'retry-after': '5' });
    else response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' });
    // Your log says why; the caller need not know.
    console.error(`refused: ${error.message}`);
    response.end();
  }
});

const [host, port] = LISTEN.split(':');
server.listen(Number(port), host, () => console.log(`listens on http://${LISTEN}`));
