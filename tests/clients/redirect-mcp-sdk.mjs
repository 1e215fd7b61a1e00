// A client of the Model Context Protocol that no server knows: it signs a person in by the URL of a document
// about itself, and calls a tool of an MCP server, which verifies the access token.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { auth, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { getOAuthProtectedResourceMetadataUrl } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { signInAt } from './redirect-browser.mjs';
import { answer, discover, task } from './task.mjs';

const CALLBACK = 'http://127.0.0.1:33418/callback';
const resource = new URL(task.resource);

/** The MCP server: its one tool says who calls it. */
async function serveTool() {
  const keys = createRemoteJWKSet(new URL((await discover()).jwks_uri));
  const expected = { issuer: task.issuer, audience: task.resource, algorithms: ['RS256'], typ: 'at+jwt' };
  const verifyAccessToken = async (token) => {
    const verified = await jwtVerify(token, keys, expected).catch((error) => {
      throw new InvalidTokenError(error.code);
    });
    const { sub, client_id, scope, exp } = verified.payload;
    return { token, clientId: client_id, scopes: scope.split(' '), expiresAt: exp, extra: { sub } };
  };
  const app = express();
  const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(resource);
  app.get(new URL(resourceMetadataUrl).pathname, (_, response) =>
    response.json({
      resource: task.resource,
      authorization_servers: [task.issuer],
      scopes_supported: ['tools:read', 'offline_access'],
    }),
  );
  app.use(requireBearerAuth({ verifier: { verifyAccessToken }, resourceMetadataUrl }), express.json());
  app.post(resource.pathname, async (request, response) => {
    const server = new McpServer({ name: 'desk', version: '1.0.0' });
    server.registerTool('whoami', {}, ({ authInfo }) => {
      const { clientId, scopes, extra } = authInfo;
      return { content: [{ type: 'text', text: JSON.stringify([extra.sub, clientId, scopes]) }] };
    });
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all(resource.pathname, (_, response) => response.sendStatus(405));
  const listener = app.listen(Number(resource.port), resource.hostname);
  await once(listener, 'listening');
  return listener;
}

const client = {
  redirectUrl: CALLBACK,
  clientMetadata: {
    client_name: 'Desk client',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  state: () => 'known to the client',
  clientInformation() {
    return this.information;
  },
  saveClientInformation(information) {
    this.information = information;
  },
  tokens() {
    return this.granted;
  },
  saveTokens(tokens) {
    this.granted = tokens;
  },
  redirectToAuthorization(url) {
    this.page = url;
  },
  saveCodeVerifier(verifier) {
    this.verifier = verifier;
  },
  codeVerifier() {
    return this.verifier;
  },
};

/** Serves the document about the client, and returns the server. */
async function serveDocument() {
  const certificate = { cert: readFileSync(task.certificate), key: readFileSync(task.key) };
  const server = createServer(certificate, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ client_id: client.clientMetadataUrl, ...client.clientMetadata }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client.clientMetadataUrl = `https://localhost:${server.address().port}/client.json`;
  return server;
}

const connection = () => new StreamableHTTPClientTransport(resource, { authProvider: client });

/** What the tool says. */
async function callTool() {
  const caller = new Client({ name: 'judge', version: '1.0.0' });
  await caller.connect(connection());
  const { content } = await caller.callTool({ name: 'whoami' });
  await caller.close();
  return JSON.parse(content[0].text);
}

const listeners = [await serveTool(), await serveDocument()];
try {
  const unauthorized = await callTool().catch((error) => error);
  if (!(unauthorized instanceof UnauthorizedError)) throw unauthorized;
  const back = await signInAt(client.page, CALLBACK, task);
  await connection().finishAuth(back.searchParams.get('code'));
  const first = client.granted;
  const called = await callTool();
  const refreshed = await auth(client, { serverUrl: resource });
  const turned = first.refresh_token !== client.granted.refresh_token;
  const calledAgain = await callTool();
  const refused = await connection()
    .finishAuth(back.searchParams.get('code'))
    .catch((error) => error.errorCode);
  answer({
    client_id: client.clientMetadataUrl,
    state: back.searchParams.get('state'),
    iss: back.searchParams.get('iss'),
    called,
    refreshed: [refreshed, turned],
    called_again: calledAgain,
    refused,
  });
} finally {
  for (const listener of listeners) {
    listener.close();
    listener.closeAllConnections();
  }
}
