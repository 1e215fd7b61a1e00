// What the services share that read status lists.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import { answer, discover, task } from './task.mjs';

/** Answers with the status of each token, as `library` reads it after jose has verified the list. */
export async function answerStatuses(library) {
  const { jwks_uri } = await discover();
  const keys = createRemoteJWKSet(new URL(jwks_uri));
  const statuses = {};
  for (const [name, token] of Object.entries(task.tokens)) {
    const { idx, uri } = library.getStatusListFromJWT(token);
    const list = await (await fetch(uri)).text();
    const expected = { issuer: task.issuer, subject: uri, typ: 'statuslist+jwt' };
    await jwtVerify(list, keys, { ...expected, algorithms: ['RS256'] });
    statuses[name] = library.getListFromStatusListJWT(list).getStatus(idx);
  }
  answer(statuses);
}
