// Programs that ask for tokens with openid-client.

import { importJWK } from 'jose';
import * as client from 'openid-client';
import { signInAt } from './redirect-browser.mjs';
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
  // A web app that sends a person to the pages, and to the end of the session.
  async redirect(config) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
    const start = client.buildAuthorizationUrl(config, {
      redirect_uri: task.redirect_uri,
      scope: 'openid profile email offline_access pages:read',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
    });
    const back = await signInAt(start, task.redirect_uri, task);
    const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 60, idTokenExpected: true };
    const granted = await client.authorizationCodeGrant(config, back, checks);
    const identity = granted.claims();
    const userinfo = await client.fetchUserInfo(config, granted.access_token, identity.sub);
    const refreshed = await client.refreshTokenGrant(config, granted.refresh_token);
    const end = client.buildEndSessionUrl(config, {
      id_token_hint: granted.id_token,
      post_logout_redirect_uri: task.redirect_uri,
    });
    const ended = await fetch(end, { redirect: 'manual' });
    const refused = await refusal(client.authorizationCodeGrant(config, back, checks));
    return { granted, identity, userinfo, refreshed, ended: ended.headers.get('location'), refused };
  },
  // A device that shows a code, which a person types in a browser.
  async device(config) {
    const codes = await client.initiateDeviceAuthorization(config, { scope: 'openid email orders:read' });
    const grant = 'urn:ietf:params:oauth:grant-type:device_code';
    const { device_code } = codes;
    const pending = await refusal(client.genericGrantRequest(config, grant, { device_code }));
    await signInAt(codes.verification_uri_complete, `${task.issuer}/device/connected`, task);
    const granted = await client.pollDeviceAuthorizationGrant(config, codes);
    const refused = await refusal(client.genericGrantRequest(config, grant, { device_code }));
    return { pending: pending.error, granted, identity: granted.claims(), refused };
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
