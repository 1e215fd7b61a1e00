// What `client.js` exports. Copy both files to bundle them, or import `/client.js` from Signet.

/** An account as Signet describes it. */
export interface Account {
  id: string;
  email: string;
  name: string | null;
  roles: string[];
  created_at: string;
  email_verified: boolean;
  mfa: string[];
}

/** A passkey as Signet lists it. */
export interface Passkey {
  id: string;
  name: string | null;
  created_at: string;
  last_used_at: string | null;
  synced: boolean;
}

/** A proof that the person is still there; which ones work depends on the account. */
export interface Proof {
  password?: string;
  code?: string;
  recovery_code?: string;
}

export interface Options {
  /** Public URL of Signet. Default: the origin that this module was loaded from. */
  url?: string;
  /** Further origins that `fetch` may send the access token to. The page's own and Signet's are included. */
  origins?: string[];
  /** A public first-party client. Default: the built-in one. */
  clientId?: string;
}

/** An answer of Signet that is an error. */
export class SignetError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** Stable name of the error, such as `invalid_credentials`; missing if a proxy answered. */
  readonly code?: string;
  /** The whole body, for example with `errors` of single fields or with `mfa_token`. */
  readonly problem: Record<string, any>;
  /** When to try again, in seconds, if the answer says so. */
  readonly retryAfter?: number;
}

/**
 * The session of this browser. One object a page is enough.
 *
 * It sends the event `change` when `account` changes, also when another tab caused the change.
 */
export class Signet extends EventTarget {
  constructor(options?: Options);

  /** The account that is signed in. `null`: signed out. `undefined`: no answer yet. */
  readonly account: Account | null | undefined;

  /**
   * Returns an access token that is valid now, or `null` when signed out. Refreshes if needed.
   * Throws if Signet cannot be reached and the last token has expired.
   */
  accessToken(): Promise<string | null>;

  /** Asks Signet for a new access token, for example after a change of roles. */
  refresh(): Promise<Account | null | undefined>;

  /**
   * Like the global `fetch`, with the access token in `Authorization`. After a 401 it refreshes
   * and sends the request once more. Throws a `TypeError` for an origin that is not listed.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;

  /** Calls an endpoint of Signet with the access token. Throws a `SignetError` on an error. */
  call(method: string, path: string, body?: object): Promise<any>;

  /** Creates an account and signs in. */
  register(details: {
    email: string;
    password: string;
    name?: string;
    invitation?: string;
  }): Promise<Account>;

  /**
   * Signs in. Throws a `SignetError` with the code `mfa_required` if the account has a second
   * factor: give its `problem`, and the code that the person types, to `loginMfa`.
   */
  login(credentials: { email: string; password: string }): Promise<Account>;

  /** Finishes a sign-in with a second factor; with `public_key` it asks for a passkey. */
  loginMfa(answer: {
    mfa_token: string;
    code?: string;
    recovery_code?: string;
    challenge_id?: string;
    public_key?: object;
  }): Promise<Account>;

  /** Signs in with a passkey. Further options go to `navigator.credentials.get`. */
  loginPasskey(
    options?: { email?: string } & Omit<CredentialRequestOptions, 'publicKey'>,
  ): Promise<Account>;

  /** Adds a passkey to the account that is signed in. */
  addPasskey(options?: { name?: string } & Proof): Promise<Passkey>;

  /** Signs out in every tab. If Signet cannot be reached, it throws and nothing changes. */
  logout(): Promise<void>;

  /** Ends every session of the account, on all devices. */
  logoutEverywhere(): Promise<void>;

  /** Ends the work of this object. The session goes on. */
  close(): void;
}

/** Signs a WebAuthn challenge: takes request options in JSON, returns the credential in JSON. */
export function getPasskey(
  publicKey: object,
  options?: Omit<CredentialRequestOptions, 'publicKey'>,
): Promise<object>;

/** Makes a passkey: takes creation options in JSON, returns the credential in JSON. */
export function createPasskey(publicKey: object): Promise<object>;
