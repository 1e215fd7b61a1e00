"""A service that verifies access tokens with joserfc."""

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from task import answer_verdicts, discover, task

metadata = discover()
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
rules = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": metadata["issuer"]},
    aud={"essential": True, "value": task["audience"]},
    exp={"essential": True},
    sub={"essential": True},
)


def verify(token):
    claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
    rules.validate(claims)
    return claims


answer_verdicts(verify)
