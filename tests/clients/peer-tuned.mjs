// A peer that is measured: the same stack as an informed team tunes it. The key is parsed once and
// the access token is written by hand; a refresh token is random and Redis has its hash; one script
// exchanges it. The argument is the socket of the Redis.

import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import bcrypt from 'bcrypt';
import express from 'express';
import { Redis } from 'ioredis';
import { serve } from './peer-node.mjs';

const WEEK = 7 * 24 * 60 * 60;
const EXCHANGE = `
local session = redis.call('GETDEL', KEYS[1])
if session then redis.call('SET', KEYS[2], session, 'EX', ARGV[1]) end
return session`;

await serve(prepare, open);

function prepare() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

function open({ pem }) {
  const key = createPrivateKey(pem);
  const header = base64url({ alg: 'RS256', typ: 'at+jwt', kid: 'signing-1' });
  const redis = new Redis(process.argv[2]);
  redis.defineCommand('exchange', { numberOfKeys: 2, lua: EXCHANGE });
  const app = express();
  app.disable('x-powered-by').disable('etag').use(express.json());

  function accessToken({ user, id }) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'https://auth.example.com', sub: user, aud: 'api', iat: now, exp: now + 600, sid: id };
    const signed = `${header}.${base64url({ ...claims, jti: randomUUID() })}`;
    return `${signed}.${sign('RSA-SHA256', signed, key).toString('base64url')}`;
  }

  async function begin(user) {
    const session = { user, id: randomUUID() };
    const token = randomBytes(32).toString('base64url');
    await redis.set(place(token), JSON.stringify(session), 'EX', WEEK);
    return { access_token: accessToken(session), refresh_token: token };
  }

  app.post('/auth/register', async (request, response) => {
    const { email, password } = request.body;
    const user = { id: randomUUID(), hash: await bcrypt.hash(password, 12) };
    await redis.set(`user:${email}`, JSON.stringify(user));
    response.status(201).json(await begin(user.id));
  });

  app.post('/auth/login', async (request, response) => {
    const { email, password } = request.body;
    const user = JSON.parse(await redis.get(`user:${email}`));
    if (!user || !(await bcrypt.compare(password, user.hash))) {
      return response.status(401).json({ error: 'wrong email or password' });
    }
    response.json(await begin(user.id));
  });

  app.post('/auth/refresh', async (request, response) => {
    const next = randomBytes(32).toString('base64url');
    const session = await redis.exchange(place(request.body.refresh_token), place(next), WEEK);
    if (!session) return response.status(401).json({ error: 'the refresh token is not valid' });
    response.json({ access_token: accessToken(JSON.parse(session)), refresh_token: next });
  });

  return app;
}

function place(token) {
  return `refresh:${createHash('sha256').update(token).digest('base64url')}`;
}

function base64url(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
