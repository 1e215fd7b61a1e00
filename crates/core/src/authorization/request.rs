//! An authorization request, parsed: what a client asks a person for (RFC 6749 section 4.1.1).
//!
//! The client and its redirect URI are known before a request is read, so every problem here may be
//! told to the client.

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::{
    CodeChallenge, DeviceReply, Prompt, RedirectReply, Reply, RequestProblem, SubjectHint,
};
use crate::account::Email;
use crate::client::{
    Client, GrantType, InvalidScope, RedirectUri, Targets, narrow_audience, narrow_scope,
};
use crate::names::{Audience, ClientId, OFFLINE_ACCESS, OPENID_SCOPE, Scope, identity_scopes};

/// The parameters of a request as they were sent, besides client and redirect URI.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    missing_docs,
    reason = "they have the names of the parameters in the RFCs"
)]
pub struct AuthorizationParameters<'a> {
    pub response_type: Option<&'a str>,
    pub response_mode: Option<&'a str>,
    pub scope: Option<&'a str>,
    pub state: Option<&'a str>,
    pub nonce: Option<&'a str>,
    pub code_challenge: Option<&'a str>,
    pub code_challenge_method: Option<&'a str>,
    pub prompt: Option<&'a str>,
    pub max_age: Option<&'a str>,
    pub login_hint: Option<&'a str>,
    pub ui_locales: Option<&'a str>,
    pub id_token_hint: Option<SubjectHint>,
    pub request: Option<&'a str>,
    pub request_uri: Option<&'a str>,
    pub targets: Targets<'a>,
}

/// What a client asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The client.
    pub client_id: ClientId,
    /// Where the answer goes.
    #[serde(flatten)]
    pub reply: Reply,
    /// The scopes that the client gets.
    pub scope: Vec<Scope>,
    /// The audiences that the client gets.
    pub audience: Vec<Audience>,
    /// Repeated in the ID token.
    pub nonce: Option<String>,
    /// What the person is asked in any case.
    pub prompt: Prompt,
    /// The longest time since the sign-in, in seconds.
    pub max_age_seconds: Option<u64>,
    /// The address that the form shows first.
    pub login_hint: Option<String>,
    /// The languages that the client asks for, in the order of preference.
    #[serde(default)]
    pub ui_locales: Option<String>,
    /// The account that the client believes to be signed in.
    #[serde(default)]
    pub subject_hint: Option<SubjectHint>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The registration of the client that asked: see [`Client::since`]. `None` in requests that an
    /// earlier version wrote, too.
    #[serde(default)]
    client_since: Option<Timestamp>,
}

impl AuthorizationRequest {
    /// Reads a request of `client`. The state was read before: see
    /// [`readable_state`](Self::readable_state).
    ///
    /// # Errors
    ///
    /// [`RequestProblem`]
    pub fn read(
        client: &Client,
        redirect_uri: RedirectUri,
        sent: &AuthorizationParameters<'_>,
        now: Timestamp,
    ) -> Result<Self, RequestProblem> {
        if sent.request.is_some() {
            return Err(RequestProblem::RequestObject);
        }
        if sent.request_uri.is_some() {
            return Err(RequestProblem::RequestUri);
        }
        match sent.response_type {
            Some("code") => {}
            Some(_) => return Err(RequestProblem::ResponseType),
            None => return Err(RequestProblem::NoResponseType),
        }
        if !matches!(sent.response_mode, None | Some("query")) {
            return Err(RequestProblem::ResponseMode);
        }
        if sent.state.is_some() && Self::readable_state(sent.state).is_none() {
            return Err(RequestProblem::State);
        }
        if !sent
            .nonce
            .is_none_or(|nonce| is_short(nonce, MAX_NONCE_LENGTH))
        {
            return Err(RequestProblem::Nonce);
        }
        let challenge = CodeChallenge::read(sent.code_challenge, sent.code_challenge_method)?;
        Ok(Self {
            scope: requested_scope(sent.scope, client)?,
            audience: narrow_audience(sent.targets, &client.permissions.audiences)?,
            prompt: Prompt::read(sent.prompt)?,
            max_age_seconds: max_age(sent.max_age)?,
            login_hint: sent.login_hint.filter(is_address).map(str::to_owned),
            ui_locales: sent.ui_locales.filter(are_locales).map(str::to_owned),
            subject_hint: sent.id_token_hint,
            client_id: client.id.clone(),
            reply: Reply::Redirect(RedirectReply {
                redirect_uri,
                state: sent.state.map(str::to_owned),
                challenge,
            }),
            nonce: sent.nonce.map(str::to_owned),
            asked_at: now,
            client_since: client.since(),
        })
    }

    /// A request of a device: it names scopes and services, and nothing of a browser.
    ///
    /// # Errors
    ///
    /// [`RequestProblem::Scope`] or [`RequestProblem::Target`]
    pub fn of_device(
        client: &Client,
        reply: DeviceReply,
        (scope, targets): (Option<&str>, Targets<'_>),
        now: Timestamp,
    ) -> Result<Self, RequestProblem> {
        Ok(Self {
            scope: requested_scope(scope, client)?,
            audience: narrow_audience(targets, &client.permissions.audiences)?,
            prompt: Prompt::read(None)?,
            max_age_seconds: None,
            login_hint: None,
            ui_locales: None,
            subject_hint: None,
            client_id: client.id.clone(),
            reply: Reply::Device(reply),
            nonce: None,
            asked_at: now,
            client_since: client.since(),
        })
    }

    /// Where the browser goes with the answer; `None` if a device waits for it.
    pub fn redirect_uri(&self) -> Option<&RedirectUri> {
        match &self.reply {
            Reply::Redirect(reply) => Some(&reply.redirect_uri),
            Reply::Device(_) => None,
        }
    }

    /// Whether `client`, as it is registered now, may still send it. A client that was registered
    /// with the same id later never sent it.
    pub fn is_admitted_by(&self, client: &Client) -> bool {
        client.is_since(self.client_since)
            && match &self.reply {
                Reply::Redirect(reply) => client.sign_in.by_redirect.admit(&reply.redirect_uri),
                Reply::Device(_) => client.may(GrantType::DeviceCode),
            }
    }

    /// The state, if an answer can repeat it: at most 1,024 printable characters (RFC 6749 appendix
    /// A.5).
    pub fn readable_state(state: Option<&str>) -> Option<&str> {
        state.filter(|state| is_short(state, MAX_STATE_LENGTH))
    }

    /// Whether the client gets a refresh token.
    pub(crate) fn grants_refresh(&self, client: &Client) -> bool {
        let is_offline = |scope: &Scope| scope.as_str() == OFFLINE_ACCESS;
        client.may(GrantType::RefreshToken)
            && (client.sign_in.by_redirect.first_party || self.scope.iter().any(is_offline))
    }
}

/// Whether the scopes ask for an ID token.
pub fn is_openid(scope: &[Scope]) -> bool {
    scope.iter().any(|scope| scope.as_str() == OPENID_SCOPE)
}

/// Without a scope, all that the client may have.
fn requested_scope(asked: Option<&str>, client: &Client) -> Result<Vec<Scope>, InvalidScope> {
    let own = &client.permissions.scopes;
    if asked.is_none() {
        return Ok(own.clone());
    }
    let allowed: Vec<_> = own.iter().cloned().chain(identity_scopes()).collect();
    let mut granted = narrow_scope(asked, &allowed)?;
    keep_offline_access(&mut granted, client);
    Ok(granted)
}

/// Removes `offline_access` unless `client` may refresh (OpenID Connect Core 1.0 section 11).
pub(super) fn keep_offline_access(scope: &mut Vec<Scope>, client: &Client) {
    if !client.may(GrantType::RefreshToken) {
        scope.retain(|scope| scope.as_str() != OFFLINE_ACCESS);
    }
}

/// Whether a hint is an address that a form can show.
fn is_address(hint: &&str) -> bool {
    hint.parse::<Email>().is_ok()
}

/// Whether languages can be remembered. Longer lists are ignored, as unknown languages are.
fn are_locales(text: &&str) -> bool {
    is_short(text, MAX_LOCALES_LENGTH)
}

fn max_age(text: Option<&str>) -> Result<Option<u64>, RequestProblem> {
    let read = |text: &str| text.parse().map_err(|_| RequestProblem::MaxAge);
    text.map(read).transpose()
}

/// Whether a text has at most `longest` printable ASCII characters.
fn is_short(text: &str, longest: usize) -> bool {
    text.len() <= longest && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Libraries send up to a few hundred characters. An answer must fit the URL limits of servers.
const MAX_STATE_LENGTH: usize = 1_024;
/// A tag has at most 35 characters (RFC 5646 section 4.4.1); people read a few languages.
const MAX_LOCALES_LENGTH: usize = 256;
/// Libraries send about 43 characters. The ID token repeats them.
const MAX_NONCE_LENGTH: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::{InvalidChallenge, InvalidPrompt};
    use crate::client::InvalidTarget;

    const GOOD: AuthorizationParameters<'_> = AuthorizationParameters {
        response_type: Some("code"),
        response_mode: None,
        scope: Some("openid read"),
        state: Some("s"),
        nonce: Some("n"),
        code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        code_challenge_method: Some("S256"),
        prompt: None,
        max_age: None,
        login_hint: None,
        ui_locales: None,
        id_token_hint: None,
        request: None,
        request_uri: None,
        targets: Targets {
            resources: &[],
            audiences: &[],
        },
    };

    fn client(grants: &[GrantType]) -> Client {
        Client::built_in(&["api".parse().unwrap()]).changed(|client| {
            client.permissions.grants = grants.to_vec();
            client.permissions.scopes = vec!["read".parse().unwrap()];
        })
    }

    fn read(sent: &AuthorizationParameters<'_>) -> Result<AuthorizationRequest, RequestProblem> {
        let uri = "https://app.example.com/cb".parse().unwrap();
        AuthorizationRequest::read(&client(&[]), uri, sent, Timestamp::from_seconds(7))
    }

    fn names(request: &AuthorizationRequest) -> Vec<&str> {
        request.scope.iter().map(Scope::as_str).collect()
    }

    #[test]
    fn each_problem_has_its_name() {
        assert!(read(&GOOD).is_ok());
        let other = |change: &dyn Fn(&mut AuthorizationParameters<'_>)| {
            let mut sent = GOOD;
            change(&mut sent);
            read(&sent).err()
        };
        for (found, problem) in [
            (
                other(&|sent| sent.response_type = None),
                RequestProblem::NoResponseType,
            ),
            (
                other(&|sent| sent.response_type = Some("code id_token")),
                RequestProblem::ResponseType,
            ),
            (
                other(&|sent| sent.response_mode = Some("form_post")),
                RequestProblem::ResponseMode,
            ),
            (
                other(&|sent| sent.state = Some("a\u{e4}")),
                RequestProblem::State,
            ),
            (
                other(&|sent| sent.nonce = Some("a\nb")),
                RequestProblem::Nonce,
            ),
            (
                other(&|sent| sent.max_age = Some("-1")),
                RequestProblem::MaxAge,
            ),
            (
                other(&|sent| sent.code_challenge = None),
                RequestProblem::Challenge(InvalidChallenge::Missing),
            ),
            (
                other(&|sent| sent.code_challenge_method = Some("plain")),
                RequestProblem::Challenge(InvalidChallenge::Method),
            ),
            (
                other(&|sent| sent.prompt = Some("x")),
                RequestProblem::Prompt(InvalidPrompt),
            ),
            (
                other(&|sent| sent.scope = Some("write")),
                RequestProblem::Scope(InvalidScope),
            ),
            (
                other(&|sent| sent.targets.resources = &["https://other.example"]),
                RequestProblem::Target(InvalidTarget),
            ),
        ] {
            assert_eq!(found, Some(problem));
        }
    }

    #[test]
    fn request_objects_are_refused_wherever_they_are() {
        let mut sent = GOOD;
        sent.request_uri = Some("https://app.example.com/request");
        assert_eq!(read(&sent), Err(RequestProblem::RequestUri));
        sent.request = Some("e30.");
        assert_eq!(read(&sent), Err(RequestProblem::RequestObject));
    }

    #[test]
    fn a_state_that_is_too_long_is_not_repeated() {
        let long = "s".repeat(1_025);
        let sent = AuthorizationParameters {
            state: Some(&long),
            ..GOOD
        };
        assert_eq!(read(&sent), Err(RequestProblem::State));
        assert_eq!(AuthorizationRequest::readable_state(sent.state), None);
    }

    #[test]
    fn without_a_scope_a_client_gets_its_own_and_no_identity() {
        let sent = AuthorizationParameters {
            scope: None,
            ..GOOD
        };
        let request = read(&sent).unwrap();
        assert_eq!(names(&request), ["read"]);
        assert!(!is_openid(&request.scope));
        assert_eq!(request.audience, ["api".parse().unwrap()]);
    }

    #[test]
    fn a_refresh_token_needs_the_grant_and_a_client_of_the_operator_or_offline_access() {
        let uri: RedirectUri = "https://app.example.com/cb".parse().unwrap();
        let grants = |scope: &'static str, grants: &[GrantType], first_party: bool| {
            let client = client(grants).changed(|client| {
                client.sign_in.by_redirect.first_party = first_party;
            });
            let sent = AuthorizationParameters {
                scope: Some(scope),
                ..GOOD
            };
            let now = Timestamp::default();
            let request = AuthorizationRequest::read(&client, uri.clone(), &sent, now).unwrap();
            let asked = request.scope.len();
            (request.grants_refresh(&client), asked)
        };
        let refresh = &[GrantType::RefreshToken][..];
        assert_eq!(grants("openid", refresh, true), (true, 1));
        assert_eq!(grants("openid", refresh, false), (false, 1));
        assert_eq!(grants("openid offline_access", refresh, false), (true, 2));
        assert_eq!(grants("openid offline_access", &[], true), (false, 1));
    }
}
