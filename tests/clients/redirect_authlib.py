"""A web app that signs people in by redirect with Authlib."""

import re
from html import unescape
from urllib.parse import urljoin

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from task import answer, discover, task

metadata = discover()
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())


def sign_in_at(start):
    """Visits the pages as a browser without scripts does; returns where they lead."""
    browser = requests.Session()
    reply = browser.get(start, allow_redirects=False, timeout=10)
    while True:
        location = reply.headers.get("location")
        if location and location.startswith(task["redirect_uri"]):
            return location
        if location:
            reply = browser.get(urljoin(reply.url, location), allow_redirects=False, timeout=10)
            continue
        reply.raise_for_status()
        form = re.search(r"<form .*?</form>", reply.text, re.S)[0]
        fields = re.findall(r'<input [^>]*name="([^"]*)"[^>]*value="([^"]*)"', form)
        values = {name: task.get(name) or unescape(value) for name, value in fields}
        action = urljoin(reply.url, re.search(r'action="([^"]*)"', form)[1])
        origin = {"origin": task["issuer"]}
        reply = browser.post(
            action, data=values, headers=origin, allow_redirects=False, timeout=10
        )


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
