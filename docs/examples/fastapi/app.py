"""A web app on a server that signs people in with FastAPI and Authlib. Register it, and run it:

    signet client add shop --first-party --grants refresh_token --audiences api --scopes orders:read \\
      --redirect-uris http://localhost:3000/callback --post-logout-redirect-uris http://localhost:3000/
    pip install fastapi uvicorn authlib httpx2 itsdangerous
    ISSUER=http://127.0.0.1:8080 CLIENT_ID=shop CLIENT_SECRET=… APP=http://localhost:3000 python app.py
"""

import os
import secrets
from contextlib import asynccontextmanager
from urllib.parse import urlencode, urlsplit

import uvicorn
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.middleware.sessions import SessionMiddleware

ISSUER, APP = os.environ["ISSUER"], os.environ["APP"]

oauth = OAuth()
oauth.register(
    "signet",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid email orders:read", "code_challenge_method": "S256"},
)



@asynccontextmanager
async def lifespan(_app):
    print(f"on {APP}", flush=True)
    yield


app = FastAPI(lifespan=lifespan)
# The cookie holds the session itself, signed and readable: keep access tokens elsewhere. Trap: with
# `strict` the browser would not send it when it comes back from Signet. Trap: a key that is made at the start
# signs everybody out at a restart; set one that all processes share.
app.add_middleware(
    SessionMiddleware,
    secret_key=secrets.token_urlsafe(),
    session_cookie="shop",
    same_site="lax",
    https_only=APP.startswith("https:"),
)


@app.get("/")
async def home(request: Request):
    email = request.session.get("email")
    return PlainTextResponse(f"Signed in as {email}\n" if email else "Signed out\n")


@app.get("/sign-in")
async def sign_in(request: Request):
    return await oauth.signet.authorize_redirect(request, f"{APP}/callback")


@app.get("/callback")
async def callback(request: Request):
    try:
        # Compares the state, and checks signature, issuer, audience and nonce of the ID token.
        tokens = await oauth.signet.authorize_access_token(request)
    except OAuthError:
        # The person has denied the access, or this browser did not ask for the answer.
        return PlainTextResponse("Begin again\n", status_code=400)
    request.session.clear()
    request.session["email"] = tokens["userinfo"]["email"]
    request.session["id_token"] = tokens["id_token"]
    return RedirectResponse("/", status_code=303)


@app.get("/sign-out")
async def sign_out(request: Request):
    hint = request.session.get("id_token")
    request.session.clear()
    if not hint:
        return RedirectResponse("/", status_code=303)
    metadata = await oauth.signet.load_server_metadata()
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": f"{APP}/"})
    return RedirectResponse(f"{metadata['end_session_endpoint']}?{query}", status_code=303)


if __name__ == "__main__":
    place = urlsplit(APP)
    uvicorn.run(app, host=place.hostname, port=place.port, log_level="warning")
