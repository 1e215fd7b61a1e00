"""A program that asks for tokens with Authlib."""

import time

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import import_key

from task import answer, discover, task

metadata = discover()
token_endpoint = metadata["token_endpoint"]


def session(secret, proof=task["proof"]):
    """One for each request, because an assertion is made from claims that are good for one."""
    session = OAuth2Session(
        task["client_id"],
        secret,
        token_endpoint_auth_method=proof,
        revocation_endpoint_auth_method=proof,
    )
    if proof == "private_key_jwt":
        # Authlib's own assertions live for an hour, which is longer than any may.
        claims = {"exp": int(time.time()) + 60}
        signing = PrivateKeyJWT(token_endpoint, claims=claims, alg=task["key"]["alg"])
        session.register_client_auth_method(signing)
    return session


def ask(session):
    return session.fetch_token(token_endpoint, grant_type="client_credentials", scope="orders:read")


def introspect(session, token):
    url = metadata["introspection_endpoint"]
    return session.introspect_token(url, token=token, token_type_hint="access_token").json()


secret = import_key(task["key"]) if "key" in task else task["secret"]
granted = ask(session(secret))
token = granted["access_token"]
before = introspect(session(secret), token)
revoked = session(secret).revoke_token(metadata["revocation_endpoint"], token=token)
after = introspect(session(secret), token)
try:
    refused = ask(session("guessed", "client_secret_post"))
except OAuthError as error:
    refused = error.error
answer(
    {
        "granted": granted,
        "before": before,
        "revoked": revoked.status_code,
        "after": after,
        "refused": refused,
    }
)
