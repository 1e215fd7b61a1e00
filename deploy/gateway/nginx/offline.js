// Verifies an access token with the public keys of a file; Signet is not asked.
//
// keys.json is what `signet keys export --pem --json` prints. The checks and their order are those
// of signet-verifier.

const ISSUER = 'https://auth.example.com';
const AUDIENCE = 'api';
// Clocks may be this far apart; no token lives longer than a day. Both in seconds.
const LEEWAY = 30;
const MAX_LIFETIME = 86400;
// Longer tokens are not ours.
const MAX_LENGTH = 8192;

async function authenticate(r) {
    // A browser's preflight carries no token; the service answers it.
    if (r.variables.request_method === 'OPTIONS') {
        r.return(204);
        return;
    }
    const authorization = r.variables.http_authorization || '';
    if (!/^bearer /i.test(authorization)) {
        challenge(r, '');
        return;
    }
    let claims = null;
    try {
        claims = await verified(authorization.substring('bearer '.length));
    } catch (e) {
        r.log(`token refused: ${e.message}`);
    }
    if (claims === null) {
        challenge(r, ', error="invalid_token"');
        return;
    }
    identify(r, claims);
    r.return(200);
}

function challenge(r, error) {
    r.headersOut['WWW-Authenticate'] = `Bearer realm="signet"${error}`;
    r.return(401);
}

async function verified(token) {
    const parts = token.split('.');
    demand(token.length <= MAX_LENGTH && parts.length === 3, 'three parts');
    const bytes = parts.map(decoded);
    const header = object(bytes[0]);
    demand(header.alg === 'RS256', 'alg');
    demand(/^(application\/)?at\+jwt$/i.test(header.typ), 'typ');
    demand(header.crit === undefined && header.b64 === undefined, 'crit');
    demand(typeof header.kid === 'string', 'kid');
    const key = await imported(pemOf(header.kid));
    const message = Buffer.from(`${parts[0]}.${parts[1]}`);
    const genuine = await crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, bytes[2], message);
    demand(genuine, 'signature');
    const claims = object(bytes[1]);
    check(claims, Date.now() / 1000);
    return claims;
}

function check(claims, now) {
    demand(claims.iss === ISSUER, 'iss');
    const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
    demand(audiences.includes(AUDIENCE), 'aud');
    demand(isDate(claims.exp) && claims.exp + LEEWAY > now, 'exp');
    demand(isDate(claims.iat) && claims.iat <= now + LEEWAY, 'iat');
    demand(claims.nbf === undefined || (isDate(claims.nbf) && claims.nbf <= now + LEEWAY), 'nbf');
    demand(claims.exp - claims.iat <= MAX_LIFETIME, 'lifetime');
    demand(typeof claims.sub === 'string' && claims.sub !== '', 'sub');
    demand(claims.cnf === undefined, 'cnf');
}

// The same headers as Signet's own answer, all of them always, "-" for nothing.
function identify(r, claims) {
    const out = r.headersOut;
    out['X-Auth-Audience'] = list(claims.aud, ',');
    out['X-Auth-Client'] = list(claims.client_id, ',');
    out['X-Auth-Expires'] = String(Math.floor(claims.exp));
    out['X-Auth-Issuer'] = list(claims.iss, ',');
    out['X-Auth-Roles'] = list(claims.roles, ',');
    out['X-Auth-Scope'] = list((claims.scope || '').split(' '), ' ');
    out['X-Auth-Session'] = list(claims.sid, ',');
    out['X-Auth-Subject'] = list(claims.sub, ',');
    out['X-Auth-Token-Id'] = list(claims.jti, ',');
}

function list(value, separator) {
    const members = Array.isArray(value) ? value : [value === undefined ? '' : value];
    const text = members.filter((member) => member !== '').map(encoded).join(separator);
    return text === '' ? '-' : text;
}

// Everything is encoded but what names and URLs are made of.
function encoded(text) {
    return encodeURIComponent(text).replace(/%(3A|2F|40|2B|3D)/g, decodeURIComponent);
}

// Only base64url as a signer writes it: no padding, no characters of other alphabets.
function decoded(part) {
    const bytes = Buffer.from(part, 'base64url');
    demand(part !== '' && bytes.toString('base64url') === part, 'base64url');
    return bytes;
}

function object(bytes) {
    const text = bytes.toString();
    const value = JSON.parse(text);
    demand(value !== null && typeof value === 'object' && !Array.isArray(value), 'object');
    // Of a name that comes twice JSON.parse keeps the last. Signet writes JSON without blanks, as
    // stringify does, so that one makes the text longer.
    demand(JSON.stringify(value).length === text.length, 'a name twice');
    return value;
}

// What nginx has loaded looks like an array and has none of its methods.
function pemOf(kid) {
    for (const place in keys) {
        if (keys[place].kid === kid) {
            return keys[place].pem;
        }
    }
    throw new Error('key');
}

function imported(pem) {
    const base64 = pem.replace(/-----[A-Z ]+-----|\s/g, '');
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    return crypto.subtle.importKey('spki', Buffer.from(base64, 'base64'), algorithm, false, ['verify']);
}

function isDate(value) {
    return typeof value === 'number' && value >= 0 && value <= 253402300799;
}

function demand(holds, what) {
    if (!holds) {
        throw new Error(what);
    }
}

export default { authenticate };
