<?php
// A service that verifies access tokens of Signet with PHP's own OpenSSL extension. Run it:
//
//   ISSUER=http://127.0.0.1:8080 AUDIENCE=api php -S 127.0.0.1:8000 orders.php

declare(strict_types=1);

const KEPT_SECONDS = 300;
/** Unknown key ids make at most one request in this time. */
const COOLDOWN_SECONDS = 10;
const LEEWAY_SECONDS = 30;

/** The token is missing or must not be accepted. */
final class InvalidToken extends Exception
{
}

/** The keys cannot be fetched; that says nothing about the token. */
final class KeysUnavailable extends Exception
{
}

function decoded(string $base64url): string
{
    // Trap: base64_decode skips letters that are not base64 unless it is told to be strict.
    $bytes = base64_decode(strtr($base64url, '-_', '+/'), true);
    return $bytes !== false ? $bytes : throw new InvalidToken('not base64url');
}

function json(string $text): array
{
    $value = json_decode($text, true, 8);
    return is_array($value) ? $value : throw new InvalidToken('not a JSON object');
}

/** The keys of Signet by their ids, kept in a file between requests. */
function key_set(string $issuer, int $maximum_age): array
{
    $file = sys_get_temp_dir() . '/signet-keys-' . hash('sha256', $issuer) . '.json';
    clearstatcache();
    // Trap: everybody may write to the folder of temporary files, so look whose file it is.
    $is_ours = is_file($file) && fileowner($file) === posix_geteuid();
    if ($is_ours && time() - filemtime($file) <= $maximum_age) {
        $text = file_get_contents($file);
    } else {
        $text = fetched("$issuer/.well-known/jwks.json");
        $new = tempnam(sys_get_temp_dir(), 'signet-keys-');
        file_put_contents($new, $text);
        rename($new, $file);
    }
    return array_column(json_decode($text, true)['keys'], null, 'kid');
}

function fetched(string $url): string
{
    $context = stream_context_create(['http' => ['timeout' => 5, 'follow_location' => 0]]);
    $text = @file_get_contents($url, false, $context);
    $is_key_set = is_string($text) && is_array(json_decode($text, true)['keys'] ?? null);
    return $is_key_set ? $text : throw new KeysUnavailable('the keys cannot be fetched');
}

function key_of(string $issuer, string $kid): array
{
    return key_set($issuer, KEPT_SECONDS)[$kid]
        ?? key_set($issuer, COOLDOWN_SECONDS)[$kid]
        ?? throw new InvalidToken('unknown key');
}

/** An RSA key of a JWKS as PEM: SubjectPublicKeyInfo, RFC 8017 appendix A.1.1. */
function pem(array $jwk): string
{
    $der = static function (int $tag, string $content): string {
        $size = ltrim(pack('N', strlen($content)), "\0");
        $size = strlen($content) < 128 ? chr(strlen($content)) : chr(0x80 | strlen($size)) . $size;
        return chr($tag) . $size . $content;
    };
    $number = static function (string $text) use ($der): string {
        $bytes = ltrim(decoded($text), "\0");
        // A first bit of 1 would make the number negative.
        return $der(0x02, ord($bytes) > 127 ? "\0$bytes" : $bytes);
    };
    $key = $der(0x30, $number($jwk['n']) . $number($jwk['e']));
    $rsa = hex2bin('300d06092a864886f70d0101010500');
    $info = $der(0x30, $rsa . $der(0x03, "\0" . $key));
    return "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($info), 64) . "-----END PUBLIC KEY-----\n";
}

/** The claims of a bearer token. */
function claims(string $authorization, string $issuer, string $audience): array
{
    if (preg_match('/^bearer ([^.]+)\.([^.]+)\.([^.]+)$/iD', $authorization, $part) !== 1) {
        throw new InvalidToken('no bearer token');
    }
    $header = json(decoded($part[1]));
    // Trap: compare with ===. PHP finds "0" and 0 equal, and more.
    if (($header['alg'] ?? null) !== 'RS256' || ($header['typ'] ?? null) !== 'at+jwt' || isset($header['crit'])) {
        throw new InvalidToken('not an access token');
    }
    $jwk = key_of($issuer, is_string($header['kid'] ?? null) ? $header['kid'] : '');
    $verdict = openssl_verify("$part[1].$part[2]", decoded($part[3]), pem($jwk), OPENSSL_ALGO_SHA256);
    // Trap: openssl_verify returns 1, 0, -1 or false, and -1 counts as true.
    if ($verdict !== 1) {
        throw new InvalidToken('wrong signature');
    }
    $claims = json(decoded($part[2]));
    $now = time();
    $is_valid = ($claims['iss'] ?? null) === $issuer
        && in_array($audience, (array) ($claims['aud'] ?? []), true)
        && is_int($claims['exp'] ?? null) && $claims['exp'] > $now - LEEWAY_SECONDS
        && is_int($claims['iat'] ?? null) && $claims['iat'] <= $now + LEEWAY_SECONDS
        && is_string($claims['sub'] ?? null);
    return $is_valid ? $claims : throw new InvalidToken('iss, aud, exp, iat or sub is wrong');
}

try {
    // Trap: Apache removes this header from CGI programs; `CGIPassAuth On` keeps it.
    $authorization = $_SERVER['HTTP_AUTHORIZATION'] ?? '';
    $claims = claims($authorization, getenv('ISSUER') ?: '', getenv('AUDIENCE') ?: '');
    header('Content-Type: text/plain');
    echo "the orders of {$claims['sub']}\n";
} catch (InvalidToken $error) {
    // Your log says why; the caller need not know.
    error_log("refused: {$error->getMessage()}");
    http_response_code(401);
    header('WWW-Authenticate: Bearer error="invalid_token"');
} catch (KeysUnavailable $error) {
    error_log("refused: {$error->getMessage()}");
    http_response_code(503);
    header('Retry-After: 5');
}
