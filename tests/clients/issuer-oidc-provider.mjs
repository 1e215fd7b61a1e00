// Another issuer: oidc-provider, which serves until its standard input ends. The first line it
// writes says where.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();

const { privateKey } = await generateKeyPair('RS256', { extractable: true });
// Most issuers name their keys as they like.
const key = { ...(await exportJWK(privateKey)), kid: 'signing-1', use: 'sig' };

/** What tokens for a service look like; the name of the service is its audience. */
function getResourceServerInfo(_context, resource) {
  const { hostname } = new URL(resource);
  const formats = {
    'opaque.example.com': { accessTokenFormat: 'opaque' },
    'pss.example.com': { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'PS256' } } },
  };
  const usual = { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
  return {
    scope: 'orders:read',
    audience: hostname,
    accessTokenTTL: 600,
    ...(formats[hostname] ?? usual),
  };
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [key] },
  clients: [
    {
      client_id: 'reports',
      client_secret: 'known-to-the-test',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: { enabled: true, getResourceServerInfo },
  },
});
server.on('request', provider.callback());
process.stdout.write(`127.0.0.1:${port}\n`);

process.stdin.resume();
await once(process.stdin, 'end');
process.exit();
