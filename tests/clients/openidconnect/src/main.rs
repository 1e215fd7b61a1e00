//! A web app that signs people in by redirect with the crate openidconnect.
//!
//! It reads its task, writes the address that the browser opens, reads the one that the browser comes
//! back to, and writes what it has learned: one line each.

mod http;

use std::error::Error;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreProviderMetadata, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use serde_json::{Value, json};

use http::send;

/// A client whose endpoints for tokens and for userinfo are known if the metadata names them.
type WebApp = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the browser brings back, and what the web app keeps meanwhile.
struct Answer {
    code: String,
    verifier: String,
    nonce: Nonce,
}

fn main() -> Outcome<()> {
    let task: Value = serde_json::from_str(&line()?)?;
    let app = web_app(&task)?;
    let answer = sign_in(&task, &app)?;
    let granted = redeem(&app, &answer)?;
    let mut learned = learn(&app, &answer.nonce, &granted)?;
    learned["refused"] = match redeem(&app, &answer) {
        Ok(_) => Value::Null,
        Err(error) => json!({"error": error.to_string()}),
    };
    println!("{learned}");
    Ok(())
}

fn web_app(task: &Value) -> Outcome<WebApp> {
    let issuer = IssuerUrl::new(text(task, "issuer"))?;
    let metadata = CoreProviderMetadata::discover(&issuer, &send)?;
    let id = ClientId::new(text(task, "client_id"));
    let secret = ClientSecret::new(text(task, "secret"));
    let redirect = RedirectUrl::new(text(task, "redirect_uri"))?;
    let app = CoreClient::from_provider_metadata(metadata, id, Some(secret));
    Ok(app.set_redirect_uri(redirect))
}

/// Sends the browser to Signet, and checks what it comes back with.
fn sign_in(task: &Value, app: &WebApp) -> Outcome<Answer> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let request = app.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    let scopes = ["profile", "email", "pages:read"].map(|name| Scope::new(name.to_owned()));
    let request = request.add_scopes(scopes).set_pkce_challenge(challenge);
    let (page, state, nonce) = request.url();
    println!("{page}");
    let back = Url::parse(&line()?)?;
    let told = |name: &str| {
        let found = back.query_pairs().find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    };
    let is_ours = told("state").as_ref() == Some(state.secret());
    if !is_ours || told("iss") != Some(text(task, "issuer")) {
        return Err("the answer is not for this request".into());
    }
    let code = told("code").ok_or("no code")?;
    let verifier = verifier.into_secret();
    Ok(Answer {
        code,
        verifier,
        nonce,
    })
}

/// The tokens for a code, or the error that the server answers with.
fn redeem(app: &WebApp, answer: &Answer) -> Outcome<CoreTokenResponse> {
    let code = AuthorizationCode::new(answer.code.clone());
    let verifier = PkceCodeVerifier::new(answer.verifier.clone());
    let request = app.exchange_code(code)?.set_pkce_verifier(verifier);
    request.request(&send).map_err(|error| match error {
        RequestTokenError::ServerResponse(response) => response.error().to_string().into(),
        other => other.into(),
    })
}

/// Verifies the ID token, and asks for all that the tokens are good for.
fn learn(app: &WebApp, nonce: &Nonce, granted: &CoreTokenResponse) -> Outcome<Value> {
    let token = granted.id_token().ok_or("no ID token")?;
    let checks = app.id_token_verifier();
    let claims = token.claims(&checks, nonce)?;
    let (algorithm, key) = (token.signing_alg()?, token.signing_key(&checks)?);
    let hash = AccessTokenHash::from_token(granted.access_token(), algorithm, key)?;
    let other_nonce = token.claims(&checks, &Nonce::new("another".to_owned()));
    let (access, subject) = (granted.access_token().clone(), claims.subject().clone());
    let userinfo = app.user_info(access, Some(subject))?;
    let userinfo: CoreUserInfoClaims = userinfo.request(&send)?;
    let refresh_token = granted.refresh_token().ok_or("no refresh token")?;
    let refreshed = app.exchange_refresh_token(refresh_token)?.request(&send)?;
    Ok(json!({
        "granted": {"access_token": granted.access_token().secret()},
        "identity": payload(token)?,
        "same_hash": claims.access_token_hash() == Some(&hash),
        "other_nonce_accepted": other_nonce.is_ok(),
        "userinfo": userinfo,
        "refreshed": {"access_token": refreshed.access_token().secret()},
    }))
}

/// All claims of an ID token that was verified: the crate shows only the ones that it knows.
fn payload(token: &CoreIdToken) -> Outcome<Value> {
    let token = token.to_string();
    let payload = token.split('.').nth(1).ok_or("no payload")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}

fn text(task: &Value, name: &str) -> String {
    task[name].as_str().unwrap_or_default().to_owned()
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
