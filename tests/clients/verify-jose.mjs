// A service that verifies access tokens with jose.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import { answerVerdicts, discover, task } from './task.mjs';

const { issuer, jwks_uri } = await discover();
const keys = createRemoteJWKSet(new URL(jwks_uri));
const options = { issuer, audience: task.audience, algorithms: ['RS256'], typ: 'at+jwt' };

await answerVerdicts(
  async (token) => (await jwtVerify(token, keys, options)).payload,
  (error) => [error.code, error.claim].filter(Boolean).join(' '),
);
