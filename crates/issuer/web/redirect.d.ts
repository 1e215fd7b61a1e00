// What `redirect.js` exports. Copy both files to bundle them, or import `/redirect.js` from Signet.

/** A sign-in that came to nothing. */
export class RedirectError extends Error {
  /** `access_denied` and other names of the answer, `unknown_state`, `wrong_issuer` or `wrong_nonce`. */
  readonly code: string;
}

/** A request. Further members go into it as they are, such as `prompt`, `login_hint` or `ui_locales`. */
export interface SignInRequest {
  /** Public URL of Signet. Default: the origin that this module was loaded from. */
  url?: string;
  /** A client that was registered with `--auth none` and this redirect URI. */
  clientId: string;
  /** Where the browser comes back to. Default: the address of the page, without query and fragment. */
  redirectUri?: string;
  /** Scopes, separated by spaces. Default: `openid`. */
  scope?: string;
  [parameter: string]: string | undefined;
}

export interface Tokens {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope?: string;
  refresh_token?: string;
  id_token?: string;
  /** The claims of the ID token. */
  claims?: Record<string, any>;
}

/** Sends the browser to Signet. */
export function startSignIn(request: SignInRequest): Promise<void>;

/**
 * Returns the tokens for the answer in `address`, by default that of the page; `null` if it holds none.
 * Throws a `RedirectError` if the sign-in came to nothing. Each answer can be used once.
 */
export function finishSignIn(address?: string): Promise<Tokens | null>;
