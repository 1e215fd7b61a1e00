"""A service that verifies access tokens with PyJWT."""

import jwt

from task import answer_verdicts, discover, task

metadata = discover()
keys = jwt.PyJWKClient(metadata["jwks_uri"])


def verify(token):
    return jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        issuer=metadata["issuer"],
        audience=task["audience"],
        # As Signet's own verifier, for clocks that are not quite the same.
        leeway=30,
        options={"require": ["iss", "aud", "exp", "iat", "sub"]},
    )


answer_verdicts(verify)
