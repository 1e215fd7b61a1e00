"""A web app that signs people in by redirect with Authlib."""

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from redirect_person import sign_in_at
from task import answer, discover, task

metadata = discover()
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())

app = OAuth2Session(
    task["client_id"],
    task["secret"],
    scope="openid profile email pages:read",
    redirect_uri=task["redirect_uri"],
    code_challenge_method="S256",
)
verifier, nonce = generate_token(48), generate_token(20)
start, state = app.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
)
granted = app.fetch_token(
    metadata["token_endpoint"],
    authorization_response=sign_in_at(start),
    state=state,
    code_verifier=verifier,
)
identity = jwt.decode(granted["id_token"], keys, algorithms=["RS256"]).claims
claims = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": task["issuer"]},
    aud={"essential": True, "value": task["client_id"]},
    nonce={"essential": True, "value": nonce},
)
claims.validate(identity)
userinfo = app.get(metadata["userinfo_endpoint"]).json()
answer({"granted": granted, "identity": identity, "userinfo": userinfo})
