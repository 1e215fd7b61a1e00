// A peer that is measured: the stack of the guides for Node.js. Both tokens are JWTs that
// jsonwebtoken signs with RS256, from keys in PEM; passwords are bcrypt; Redis knows which refresh
// token of a session is the newest. The argument is the socket of the Redis.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import bcrypt from 'bcrypt';
import express from 'express';
import { Redis } from 'ioredis';
import jwt from 'jsonwebtoken';
import { serve } from './peer-node.mjs';

const WEEK = 7 * 24 * 60 * 60;

await serve(prepare, open);

function prepare() {
  const pair = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
  return { access: pair(), refresh: pair() };
}

function open(keys) {
  const redis = new Redis(process.argv[2]);
  const app = express();
  app.use(express.json());

  async function tokens(user, session) {
    const id = randomUUID();
    await redis.set(`refresh:${session}`, id, 'EX', WEEK);
    const sign = (claims, pair, expiresIn) =>
      jwt.sign(claims, pair.privateKey, { algorithm: 'RS256', expiresIn });
    return {
      access_token: sign({ sub: user, sid: session }, keys.access, '10m'),
      refresh_token: sign({ sub: user, sid: session, jti: id }, keys.refresh, '7d'),
    };
  }

  app.post('/auth/register', async (request, response) => {
    const { email, password } = request.body;
    const user = { id: randomUUID(), hash: await bcrypt.hash(password, 12) };
    await redis.set(`user:${email}`, JSON.stringify(user));
    response.status(201).json(await tokens(user.id, randomUUID()));
  });

  app.post('/auth/login', async (request, response) => {
    const { email, password } = request.body;
    const user = JSON.parse(await redis.get(`user:${email}`));
    if (!user || !(await bcrypt.compare(password, user.hash))) {
      return response.status(401).json({ error: 'wrong email or password' });
    }
    response.json(await tokens(user.id, randomUUID()));
  });

  app.post('/auth/refresh', async (request, response) => {
    try {
      const { publicKey } = keys.refresh;
      const claims = jwt.verify(request.body.refresh_token, publicKey, { algorithms: ['RS256'] });
      if ((await redis.get(`refresh:${claims.sid}`)) !== claims.jti) throw new Error('used before');
      response.json(await tokens(claims.sub, claims.sid));
    } catch {
      response.status(401).json({ error: 'the refresh token is not valid' });
    }
  });

  return app;
}
