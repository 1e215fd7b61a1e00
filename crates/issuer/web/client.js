// Signet in a browser: sign-in, a fresh access token in every tab, sign-out.
//
// The access token lives in memory only. The refresh token is in a cookie that no script can read.
// The tabs of one origin share the access token, and one of them refreshes it. client.d.ts describes
// what is public.

export class SignetError extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.error_description ?? `Signet answered with status ${status}`);
    this.name = 'SignetError';
    this.status = status;
    this.code = problem.code ?? problem.error;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

export class Signet extends EventTarget {
  /** `undefined`: not known yet; `null`: signed out. */
  #session;
  #url;
  #origins;
  #clientId;
  #name;
  #channel;
  #release;
  #renewing;
  #timer;
  #asked;
  #listeners = new AbortController();

  constructor({ url = new URL(import.meta.url).origin, origins = [], clientId } = {}) {
    super();
    this.#url = new URL(url).href.replace(/\/$/, '');
    this.#origins = new Set([location.origin, this.#url, ...origins].map((it) => new URL(it).origin));
    this.#clientId = clientId;
    this.#name = `signet ${this.#url}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    const { signal } = this.#listeners;
    addEventListener('pagehide', () => this.#letGo(), { signal });
    addEventListener('pageshow', (event) => event.persisted && this.#returned(), { signal });
    document.addEventListener('visibilitychange', () => this.#schedule(), { signal });
  }

  get account() {
    return this.#session && this.#session.account;
  }

  async accessToken() {
    const session = this.#session;
    if (session === null) return null;
    if (!this.#isFresh()) {
      try {
        await this.#renew(session?.token);
      } catch (error) {
        if (!(session?.expiresAt > Date.now())) throw error;
      }
    }
    return this.#session?.token ?? null;
  }

  async refresh() {
    const stale = this.#session?.token;
    if (!stale) this.#session = undefined;
    await this.#renew(stale);
    return this.account;
  }

  async fetch(input, init) {
    const request = new Request(input, init);
    const { origin } = new URL(request.url);
    if (!this.#origins.has(origin)) {
      throw new TypeError(`${origin} gets no access token; list it in the option "origins"`);
    }
    const send = (token) => {
      const copy = request.clone();
      if (token) copy.headers.set('authorization', `Bearer ${token}`);
      return fetch(copy);
    };
    const token = await this.accessToken();
    const response = await send(token);
    if (response.status !== 401 || !token) return response;
    if (this.#session?.token === token) await this.#renew(token);
    const next = this.#session?.token;
    return next && next !== token ? send(next) : response;
  }

  async call(method, path, body) {
    return read(await this.fetch(this.#url + path, requestOf(method, body)));
  }

  register(details) {
    return this.#signIn('/auth/register', details);
  }

  login(credentials) {
    return this.#signIn('/auth/login', credentials);
  }

  async loginMfa({ challenge_id, public_key, ...answer }) {
    const passkey = public_key && { challenge_id, credential: await getPasskey(public_key) };
    return this.#signIn('/auth/login/mfa', { ...answer, ...passkey });
  }

  async loginPasskey({ email, ...options } = {}) {
    const asked = await this.#post('/auth/login/passkey/options', { email });
    const credential = await getPasskey(asked.public_key, options);
    return this.#signIn('/auth/login/passkey', { challenge_id: asked.challenge_id, credential });
  }

  async addPasskey({ name, ...proof } = {}) {
    const asked = await this.call('POST', '/auth/passkeys/options', proof);
    const credential = await createPasskey(asked.public_key);
    return this.call('POST', '/auth/passkeys', { challenge_id: asked.challenge_id, credential, name });
  }

  logout() {
    return this.#locked(async () => {
      await this.#post('/auth/logout');
      await this.#set(null);
    });
  }

  async logoutEverywhere() {
    await this.call('POST', '/auth/logout-all');
    await this.logout();
  }

  close() {
    this.#letGo();
    clearTimeout(this.#timer);
    this.#listeners.abort();
    this.#channel.close();
  }

  #isFresh(stale) {
    const session = this.#session;
    return Boolean(session) && session.token !== stale && Date.now() < session.renewAt;
  }

  /** Refreshes, unless another tab has done it since `stale` was the newest token. */
  #renew(stale) {
    this.#renewing ??= this.#locked(async () => {
      const isDone = () => this.#session === null || this.#isFresh(stale);
      if (isDone()) return;
      await this.#askOthers(isDone);
      if (isDone()) return;
      try {
        await this.#set(sessionOf(await this.#postTwice('/auth/refresh')));
      } catch (error) {
        if (error.status !== 401) throw error;
        await this.#set(null);
      }
    }).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  #signIn(path, body) {
    return this.#locked(async () => {
      const asked = { client_id: this.#clientId, ...body, token_delivery: 'cookie' };
      await this.#set(sessionOf(await this.#post(path, asked)));
      return this.account;
    });
  }

  /** Runs `action` while no other tab refreshes, signs in or signs out. */
  #locked(action) {
    return navigator.locks ? navigator.locks.request(this.#name, action) : action();
  }

  async #post(path, body) {
    const signal = AbortSignal.timeout(ANSWER_WITHIN);
    const request = { ...requestOf('POST', body), credentials: 'include', signal };
    return read(await fetch(this.#url + path, request));
  }

  /** A refresh whose answer was lost can be repeated: Signet gives the same tokens again. */
  #postTwice(path) {
    return this.#post(path).catch((error) => {
      if (error instanceof SignetError) throw error;
      return this.#post(path);
    });
  }

  /** Takes over a session from Signet, and tells the other tabs. */
  async #set(session) {
    this.#take(session);
    this.#channel.postMessage({ session });
    await this.#hold();
  }

  #take(session) {
    const before = JSON.stringify(this.account);
    this.#session = session;
    this.#schedule();
    if (!session) this.#letGo();
    if (JSON.stringify(this.account) !== before) this.dispatchEvent(new Event('change'));
  }

  #hear({ session, ask, answer, offered }) {
    if (session !== undefined) {
      this.#take(session);
      this.#hold();
    } else if (ask && this.#session) {
      this.#channel.postMessage({ answer: ask, offered: this.#session });
    } else if (answer && answer === this.#asked?.id) {
      this.#asked.answered(offered);
    }
  }

  /** Asks the tabs that have a session for it, and waits until they have answered. */
  async #askOthers(isDone) {
    let missing = await this.#countOthers();
    if (!missing) return;
    await new Promise((resolve) => {
      const id = crypto.randomUUID();
      const answered = (session) => {
        if (!(this.#session?.expiresAt >= session.expiresAt)) this.#take(session);
        missing -= 1;
        if (isDone() || missing === 0) resolve();
      };
      this.#asked = { id, answered };
      setTimeout(resolve, TABS_ANSWER_WITHIN);
      this.#channel.postMessage({ ask: id });
    });
    this.#asked = undefined;
    await this.#hold();
  }

  /** How many other tabs have a session: each of them holds a shared lock. */
  async #countOthers() {
    if (!navigator.locks) return 0;
    const { held } = await navigator.locks.query();
    const tabs = held.filter(({ name }) => name === `${this.#name} tab`).length;
    return this.#release ? tabs - 1 : tabs;
  }

  /** Shows the other tabs that this one has a session. */
  async #hold() {
    if (!navigator.locks || !this.#session || this.#release) return;
    await new Promise((granted) => {
      const held = new Promise((release) => {
        this.#release = release;
      });
      const grant = () => {
        granted();
        return held;
      };
      navigator.locks.request(`${this.#name} tab`, { mode: 'shared' }, grant).catch(granted);
    });
  }

  #letGo() {
    this.#release?.();
    this.#release = undefined;
  }

  /** The page comes back from the cache of the browser, and has missed what other tabs said. */
  #returned() {
    this.#session = undefined;
    this.refresh().catch(() => this.dispatchEvent(new Event('change')));
  }

  /** Refreshes before the token expires, while somebody looks at the page. */
  #schedule(delay) {
    clearTimeout(this.#timer);
    const session = this.#session;
    if (!session || document.hidden) return;
    const again = ({ retryAfter = 0 }) => this.#schedule(Math.max(RETRY_AFTER, retryAfter * 1000));
    const renew = () => this.#renew(session.token).catch(again);
    this.#timer = setTimeout(renew, delay ?? Math.max(session.renewAt - Date.now(), 0));
  }
}

export async function getPasskey(publicKey, options) {
  const credential = await navigator.credentials.get({
    ...options,
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: publicKey.allowCredentials?.map(withBytes),
    },
  });
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  return json(credential, { authenticatorData, clientDataJSON, signature, userHandle });
}

export async function createPasskey(publicKey) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: withBytes(publicKey.user),
      excludeCredentials: publicKey.excludeCredentials?.map(withBytes),
    },
  });
  const { attestationObject, clientDataJSON } = credential.response;
  const made = json(credential, { attestationObject, clientDataJSON });
  made.response.transports = credential.response.getTransports?.() ?? [];
  return made;
}

function json(credential, response) {
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(
      Object.entries(response).flatMap(([name, value]) => (value ? [[name, base64url(value)]] : [])),
    ),
  };
}

function withBytes(entity) {
  return { ...entity, id: bytes(entity.id) };
}

function bytes(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function requestOf(method, body) {
  const headers = { 'content-type': 'application/json' };
  return body ? { method, headers, body: JSON.stringify(body) } : { method };
}

/** The JSON of an answer; throws a `SignetError` if the answer is an error. */
async function read(response) {
  const text = await response.text();
  let body = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    // A gateway in between answered with a page; the status says enough.
  }
  if (response.ok) return body;
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  throw new SignetError(response.status, body, retryAfter);
}

function sessionOf({ access_token: token, expires_in: ttl, account }) {
  const now = Date.now();
  const renewAt = now + ttl * 1000 - Math.min(ttl * 200, RENEW_BEFORE);
  return { token, account, renewAt, expiresAt: now + ttl * 1000 };
}

/** How long before its end a token is replaced, in milliseconds; a fifth of its life at most. */
const RENEW_BEFORE = 60_000;
/** How long an answer of Signet may take, in milliseconds. */
const ANSWER_WITHIN = 15_000;
/** How long other tabs may take to answer, in milliseconds. */
const TABS_ANSWER_WITHIN = 2_000;
/** When a page tries again after a refresh that failed, in milliseconds. */
const RETRY_AFTER = 10_000;
