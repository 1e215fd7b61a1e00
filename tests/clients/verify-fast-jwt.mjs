// A service that verifies access tokens with fast-jwt, and has the keys from jwks-rsa.

import { createVerifier } from 'fast-jwt';
import jwksRsa from 'jwks-rsa';
import { answerVerdicts, discover, task } from './task.mjs';

const { issuer, jwks_uri: jwksUri } = await discover();
const keys = jwksRsa({ jwksUri, cache: true });
const verify = createVerifier({
  key: async ({ header }) => (await keys.getSigningKey(header.kid)).getPublicKey(),
  algorithms: ['RS256'],
  allowedIss: issuer,
  allowedAud: task.audience,
  checkTyp: 'at+jwt',
});

await answerVerdicts(
  verify,
  ({ code, message }) => [code, message.match(/^The (\w+) claim/)?.[1]].filter(Boolean).join(' '),
);
