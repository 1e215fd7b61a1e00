"""A web app that signs people in by redirect with idpyoidc."""

from urllib.parse import parse_qsl, urlsplit

from cryptojwt import KeyJar
from idpyoidc.client.rp_handler import RPHandler

from redirect_person import sign_in_at
from task import answer, task

APP = "https://wiki.example.com"

handler = RPHandler(
    base_url=APP,
    # Otherwise it writes keys of its own to the working folder.
    keyjar=KeyJar(),
    client_configs={
        "signet": {
            "issuer": task["issuer"],
            "client_id": task["client_id"],
            "client_secret": task["secret"],
            "client_type": "oidc",
            "redirect_uris": [task["redirect_uri"]],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email"],
            "client_authn_methods": ["client_secret_basic"],
            "add_ons": {
                "pkce": {
                    "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                }
            },
        }
    },
)
start = handler.begin(issuer_id="signet")
callback = dict(parse_qsl(urlsplit(sign_in_at(start)).query))
done = handler.finalize(task["issuer"], callback)
if "error" in done:
    raise SystemExit(str(done))
identity = done["id_token"].to_dict()
# The library reads one audience as a list.
[identity["aud"]] = identity["aud"]
answer(
    {
        "granted": {"access_token": done["token"]},
        "identity": identity,
        "userinfo": done["userinfo"].to_dict(),
    }
)
