"""A service that verifies access tokens of Signet with PyJWT. Run it:

    python3 -m venv venv
    venv/bin/pip install 'pyjwt[crypto]'
    ISSUER=http://127.0.0.1:8080 AUDIENCE=api LISTEN=127.0.0.1:8000 venv/bin/python orders.py
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

ISSUER = os.environ["ISSUER"]
AUDIENCE = os.environ["AUDIENCE"]
HOST, PORT = os.environ.get("LISTEN", "127.0.0.1:8000").split(":")

# Fetches the keys when they are needed and keeps them for five minutes.
# Trap: it asks again for each token with an unknown key id. Limit the rate of requests in front of it.
KEYS = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json", lifespan=300, timeout=5)


def claims_of(authorization):
    """Returns the claims of the bearer token, or raises a `jwt.PyJWTError`."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise jwt.InvalidTokenError("no bearer token")
    # Trap: PyJWT does not look at `typ`, so every kind of token that Signet signs would pass.
    if jwt.get_unverified_header(token).get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("not an access token")
    return jwt.decode(
        token,
        KEYS.get_signing_key_from_jwt(token),
        # Trap: never take the algorithm from the token.
        algorithms=["RS256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        leeway=30,
        # Trap: a claim that is missing is not checked unless it is required.
        options={"require": ["iss", "aud", "exp", "iat", "sub"]},
    )


class Orders(BaseHTTPRequestHandler):
    """Answers every GET with the orders of the token's account."""

    def do_GET(self):
        try:
            claims = claims_of(self.headers.get("Authorization", ""))
        except jwt.PyJWKClientConnectionError as error:
            # The keys cannot be fetched; that says nothing about the token.
            self.log_message("refused: %s", error)
            self.answer(503, {"Retry-After": "5"})
        except jwt.PyJWTError as error:
            # Your log says why; the caller need not know.
            self.log_message("refused: %s", error)
            self.answer(401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        else:
            self.answer(200, {}, f"the orders of {claims['sub']}\n")

    def answer(self, status, headers, text=""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    print(f"listens on http://{HOST}:{PORT}", flush=True)
    ThreadingHTTPServer((HOST, int(PORT)), Orders).serve_forever()
