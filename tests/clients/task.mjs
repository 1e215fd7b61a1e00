// What the programs of this folder share: one JSON document comes in, one goes out.

import { text } from 'node:stream/consumers';

export const task = JSON.parse(await text(process.stdin));

/** The metadata of the issuer, found where OpenID Connect Discovery says. */
export async function discover() {
  const response = await fetch(`${task.issuer}/.well-known/openid-configuration`);
  return response.json();
}

/**
 * Answers with what becomes of each token: whose it is, if `verify` gives its claims, or why it was
 * refused, as `reason` reads it from what `verify` throws.
 */
export async function answerVerdicts(verify, reason) {
  const verdicts = {};
  for (const [name, token] of Object.entries(task.tokens)) {
    try {
      const claims = await verify(token);
      verdicts[name] = `accepted: ${claims.sub}`;
    } catch (error) {
      verdicts[name] = reason(error);
    }
  }
  answer(verdicts);
}

export function answer(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
