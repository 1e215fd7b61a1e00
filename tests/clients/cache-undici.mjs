// What an HTTP cache makes of our answers: undici with its cache, as clients and proxies have one.

import { Agent, interceptors, request } from 'undici';
import { answer, task } from './task.mjs';

const asked = [];

/** Sees what goes past the cache to the server. */
const recorder = (dispatch) => (options, handler) => {
  const condition = options.headers?.['if-none-match'] ? ' if changed' : '';
  const { onResponseStart } = handler;
  handler.onResponseStart = (controller, status, ...rest) => {
    asked.push(`${options.path}${condition}${status === 304 ? ', 304' : ''}`);
    return onResponseStart.call(handler, controller, status, ...rest);
  };
  return dispatch(options, handler);
};
const cache = interceptors.cache({ type: 'shared' });
const dispatcher = new Agent().compose(recorder, cache);

async function visit(path, headers) {
  asked.length = 0;
  const response = await request(`${task.issuer}${path}`, { dispatcher, headers });
  return { body: await response.body.json(), asked: [...asked] };
}

const keys = (headers) => visit('/.well-known/jwks.json', headers);
const metadata = () => visit('/.well-known/openid-configuration');
const me = (token) => visit('/auth/me', token && { authorization: `Bearer ${token}` });
const [ada, ben] = task.tokens;

answer({
  keys: await keys(),
  keys_again: await keys(),
  // What a reload does: the answer is kept, and asked for all the same.
  keys_checked: await keys({ 'cache-control': 'no-cache' }),
  metadata: await metadata(),
  metadata_again: await metadata(),
  ada: await me(ada),
  ada_again: await me(ada),
  ben: await me(ben),
  nobody: await me(),
});
