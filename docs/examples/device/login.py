"""A command line that signs a person in with a code, in the standard library of Python. Run it:

    ISSUER=http://127.0.0.1:8080 CLIENT_ID=cli python login.py
"""

import base64
import json
import os
import time
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

ISSUER = os.environ["ISSUER"]
CLIENT_ID = os.environ["CLIENT_ID"]
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def post(url, **form):
    """Sends a form; returns the JSON of the answer, also of an error."""
    form["client_id"] = CLIENT_ID
    try:
        with urlopen(url, urlencode(form).encode(), timeout=30) as answer:
            return json.load(answer)
    except HTTPError as error:
        return json.load(error)


def sign_in():
    """Returns the tokens of the person who types the code."""
    with urlopen(f"{ISSUER}/.well-known/oauth-authorization-server", timeout=30) as answer:
        metadata = json.load(answer)
    codes = post(metadata["device_authorization_endpoint"], scope="openid email orders:read")
    if "error" in codes:
        raise SystemExit(f"{codes['error']}: {codes['error_description']}")
    print(f"Open {codes['verification_uri_complete']}", flush=True)
    print(f"and compare the code: {codes['user_code']}", flush=True)
    wait = codes["interval"]
    while True:
        time.sleep(wait)
        answer = post(
            metadata["token_endpoint"], grant_type=GRANT, device_code=codes["device_code"]
        )
        match answer.get("error"):
            case None:
                return answer
            case "authorization_pending":
                pass
            case "slow_down":
                wait += 5
            case error:
                raise SystemExit(f"{error}: {answer['error_description']}")


tokens = sign_in()
# The ID token comes from Signet itself over TLS, so its claims can be read without a check.
payload = tokens["id_token"].split(".")[1]
claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
# Keep the refresh token where only this person can read it, such as the keyring of the system.
print(f"Signed in as {claims['email']}. The access token has the scope: {tokens['scope']}")
