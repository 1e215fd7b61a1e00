// Programs that ask for tokens with openid-client.

import { importJWK } from 'jose';
import * as client from 'openid-client';
import { answer, task } from './task.mjs';

const proofs = {
  none: () => client.None(),
  client_secret_basic: () => client.ClientSecretBasic(task.secret),
  client_secret_post: () => client.ClientSecretPost(task.secret),
  private_key_jwt: async () =>
    client.PrivateKeyJwt({ key: await importJWK(task.key), kid: task.key.kid }),
};

const configure = async (proof, algorithm) =>
  client.discovery(new URL(task.issuer), task.client_id, {}, proof, {
    execute: [client.allowInsecureRequests],
    algorithm,
  });

const flows = {
  // For itself: a token, which it has looked at, gives back, and has looked at again.
  async program(config) {
    const granted = await client.clientCredentialsGrant(config, {
      scope: 'orders:read',
      resource: 'https://orders.example.com',
    });
    const before = await client.tokenIntrospection(config, granted.access_token);
    await client.tokenRevocation(config, granted.access_token);
    const after = await client.tokenIntrospection(config, granted.access_token);
    const stranger = await configure(client.ClientSecretPost('guessed'), 'oauth2');
    const refused = await refusal(client.clientCredentialsGrant(stranger));
    return { granted, before, after, refused };
  },
  // For a person who has signed in with it: another token, until it gives the session back.
  async person(config) {
    const granted = await client.refreshTokenGrant(config, task.refresh_token);
    const { access_token } = granted;
    const userinfo = await client.fetchUserInfo(config, access_token, task.subject);
    await client.tokenRevocation(config, granted.refresh_token);
    const refused = await refusal(client.refreshTokenGrant(config, granted.refresh_token));
    return { granted, userinfo, refused };
  },
  // For the next service: a token in exchange for the one that it was called with.
  async service(config) {
    const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
    const subject = {
      subject_token: task.subject_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
    const parameters = { ...subject, audience: 'billing', scope: 'orders:read' };
    const granted = await client.genericGrantRequest(config, grant, parameters);
    const before = await client.tokenIntrospection(config, granted.access_token);
    const elsewhere = { ...subject, audience: 'payroll' };
    const refused = await refusal(client.genericGrantRequest(config, grant, elsewhere));
    return { granted, before, refused };
  },
};

/** What the library tells a program: the challenge where there is one, else the error. */
const refusal = (asked) =>
  asked.then(
    () => 'granted',
    ({ status, error, cause }) => ({ status, error, challenge: cause?.[0]?.scheme }),
  );

const config = await configure(await proofs[task.proof](), task.discovery);
answer(await flows[task.flow](config));
