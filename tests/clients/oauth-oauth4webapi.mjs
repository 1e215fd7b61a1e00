// Programs that ask for tokens with oauth4webapi, and check those that they are given.

import { importJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { signInAt } from './redirect-browser.mjs';
import { answer, task } from './task.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(task.issuer);
const discovered = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: task.discovery });
const server = await oauth.processDiscoveryResponse(issuer, discovered);
const client = { client_id: task.client_id };

const proofs = {
  none: () => oauth.None(),
  client_secret_basic: () => oauth.ClientSecretBasic(task.secret),
  client_secret_post: () => oauth.ClientSecretPost(task.secret),
  private_key_jwt: async () =>
    oauth.PrivateKeyJwt({ key: await importJWK(task.key), kid: task.key.kid }),
};
const proof = await proofs[task.proof]();

async function introspect(token) {
  const response = await oauth.introspectionRequest(server, client, proof, token, insecure);
  return oauth.processIntrospectionResponse(server, client, response);
}

async function revoke(token) {
  const response = await oauth.revocationRequest(server, client, proof, token, insecure);
  return oauth.processRevocationResponse(response);
}

async function clientCredentials(proof, parameters) {
  const response = await oauth.clientCredentialsGrantRequest(
    server, client, proof, parameters, insecure,
  );
  return oauth.processClientCredentialsResponse(server, client, response);
}

async function refresh(token) {
  const response = await oauth.refreshTokenGrantRequest(server, client, proof, token, insecure);
  return oauth.processRefreshTokenResponse(server, client, response);
}

async function exchange(parameters) {
  const response = await oauth.genericTokenEndpointRequest(
    server, client, proof, 'urn:ietf:params:oauth:grant-type:token-exchange',
    {
      subject_token: task.subject_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      ...parameters,
    },
    insecure,
  );
  return oauth.processGenericTokenEndpointResponse(server, client, response);
}

async function userinfo(token) {
  const response = await oauth.userInfoRequest(server, client, token, insecure);
  return oauth.processUserInfoResponse(server, client, task.subject, response);
}

/** What a service for this audience reads in the token. */
async function validated(token, audience) {
  const headers = { authorization: `Bearer ${token}` };
  const request = new Request('https://api.example.com/', { headers });
  return oauth.validateJwtAccessToken(server, request, audience, insecure);
}

const flows = {
  // For itself: a token, which it has looked at, gives back, and has looked at again.
  async program() {
    const granted = await clientCredentials(proof, {
      scope: 'orders:read',
      resource: 'https://orders.example.com',
    });
    const claims = await validated(granted.access_token, 'https://orders.example.com');
    const before = await introspect(granted.access_token);
    await revoke(granted.access_token);
    const after = await introspect(granted.access_token);
    const refused = await refusal(clientCredentials(oauth.ClientSecretPost('guessed'), {}));
    return { granted, claims, before, after, refused };
  },
  // For a person who has signed in with it: another token, until it gives the session back.
  async person() {
    const granted = await refresh(task.refresh_token);
    const claims = await validated(granted.access_token, 'api');
    const told = await userinfo(granted.access_token);
    await revoke(granted.refresh_token);
    const refused = await refusal(refresh(granted.refresh_token));
    return { granted, claims, userinfo: told, refused };
  },
  // A web app that sends a person to the pages.
  async redirect() {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, expectedNonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const start = new URL(server.authorization_endpoint);
    start.search = new URLSearchParams({
      client_id: task.client_id,
      redirect_uri: task.redirect_uri,
      response_type: 'code',
      scope: 'openid profile email offline_access pages:read',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce: expectedNonce,
    });
    const back = await signInAt(start, task.redirect_uri, task);
    // Checks state and issuer.
    const parameters = oauth.validateAuthResponse(server, client, back, state);
    const redeem = () =>
      oauth.authorizationCodeGrantRequest(
        server, client, proof, parameters, task.redirect_uri, verifier, insecure,
      );
    const response = await redeem();
    const granted = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce,
      maxAge: 60,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, insecure);
    const identity = oauth.getValidatedIdTokenClaims(granted);
    const claims = await validated(granted.access_token, 'wiki');
    const told = await oauth.userInfoRequest(server, client, granted.access_token, insecure);
    const userinfo = await oauth.processUserInfoResponse(server, client, identity.sub, told);
    const refreshed = await refresh(granted.refresh_token);
    const again = redeem().then((answered) =>
      oauth.processAuthorizationCodeResponse(server, client, answered));
    return { granted, claims, identity, userinfo, refreshed, refused: await refusal(again) };
  },
  // A device that shows a code, which a person types in a browser.
  async device() {
    const scope = 'openid email orders:read';
    const asked = await oauth.deviceAuthorizationRequest(server, client, proof, { scope }, insecure);
    const codes = await oauth.processDeviceAuthorizationResponse(server, client, asked);
    const poll = async () => {
      const answered = await oauth.deviceCodeGrantRequest(
        server, client, proof, codes.device_code, insecure,
      );
      return oauth.processDeviceCodeResponse(server, client, answered);
    };
    const pending = await refusal(poll());
    await signInAt(codes.verification_uri_complete, `${task.issuer}/device/connected`, task);
    const granted = await poll();
    const identity = oauth.getValidatedIdTokenClaims(granted);
    return { pending: pending.error, granted, identity, refused: await refusal(poll()) };
  },
  // For the next service: a token in exchange for the one that it was called with.
  async service() {
    const granted = await exchange({ audience: 'billing', scope: 'orders:read' });
    const claims = await validated(granted.access_token, 'billing');
    const before = await introspect(granted.access_token);
    const refused = await refusal(exchange({ audience: 'payroll' }));
    return { granted, claims, before, refused };
  },
};

/** What the library tells a program: the challenge where there is one, else the error. */
const refusal = (asked) =>
  asked.then(
    () => 'granted',
    ({ status, error, cause }) => ({ status, error, challenge: cause?.[0]?.scheme }),
  );

answer(await flows[task.flow]());
