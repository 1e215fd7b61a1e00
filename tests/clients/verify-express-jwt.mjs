// A service that verifies access tokens with express-jwt, and has the keys from jwks-rsa.

import { expressjwt } from 'express-jwt';
import jwksRsa from 'jwks-rsa';
import { answerVerdicts, discover, task } from './task.mjs';

const { issuer, jwks_uri: jwksUri } = await discover();
const middleware = expressjwt({
  secret: jwksRsa.expressJwtSecret({ jwksUri, cache: true, rateLimit: true }),
  issuer,
  audience: task.audience,
  algorithms: ['RS256'],
});

await answerVerdicts(
  async (token) => {
    const request = { method: 'GET', headers: { authorization: `Bearer ${token}` } };
    const refused = await new Promise((next) => {
      middleware(request, {}, next);
    });
    if (refused) throw refused;
    return request.auth;
  },
  (error) => error.message.split('. expected: ')[0],
);
