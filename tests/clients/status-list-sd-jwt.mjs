// A service that reads status lists with @sd-jwt/jwt-status-list, after jose has verified them.

import { getListFromStatusListJWT, getStatusListFromJWT } from '@sd-jwt/jwt-status-list';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { answer, discover, task } from './task.mjs';

const { jwks_uri } = await discover();
const keys = createRemoteJWKSet(new URL(jwks_uri));

async function statusOf(token) {
  const { idx, uri } = getStatusListFromJWT(token);
  const list = await (await fetch(uri)).text();
  const expected = { issuer: task.issuer, subject: uri, typ: 'statuslist+jwt' };
  await jwtVerify(list, keys, { ...expected, algorithms: ['RS256'] });
  return getListFromStatusListJWT(list).getStatus(idx);
}

const statuses = {};
for (const [name, token] of Object.entries(task.tokens)) {
  statuses[name] = await statusOf(token);
}
answer(statuses);
