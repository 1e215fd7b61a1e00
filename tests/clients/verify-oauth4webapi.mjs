// A service that verifies access tokens with oauth4webapi, which follows RFC 9068.

import * as oauth from 'oauth4webapi';
import { answerVerdicts, task } from './task.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(task.issuer);
const discovered = await oauth.discoveryRequest(issuer, insecure);
const server = await oauth.processDiscoveryResponse(issuer, discovered);

await answerVerdicts(
  (token) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = new Request('https://api.example.com/orders', { headers });
    return oauth.validateJwtAccessToken(server, request, task.audience, insecure);
  },
  ({ code, message }) => [code, message.match(/JWT "(\w+)"/)?.[1]].filter(Boolean).join(' '),
);
