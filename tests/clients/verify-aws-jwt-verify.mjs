// A service that verifies access tokens with aws-jwt-verify.

import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { answerVerdicts, discover, task } from './task.mjs';

const { issuer, jwks_uri: jwksUri } = await discover();
// Its own fetcher speaks https alone.
const fetcher = { fetch: async (url) => (await fetch(url)).arrayBuffer() };
const verifier = JwtVerifier.create(
  { issuer, audience: task.audience, jwksUri },
  { jwksCache: new SimpleJwksCache({ fetcher }) },
);

await answerVerdicts(
  (token) => verifier.verify(token),
  (error) => error.constructor.name,
);
