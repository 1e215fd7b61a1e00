// Makes a key pair for assertions of a client, as JWKs.

import { exportJWK, generateKeyPair } from 'jose';
import { answer, task } from './task.mjs';

const { alg } = task;
const pair = await generateKeyPair(alg, { extractable: true });
const named = async (key) => ({ ...(await exportJWK(key)), kid: 'first', use: 'sig', alg });
answer({ private: await named(pair.privateKey), public: await named(pair.publicKey) });
