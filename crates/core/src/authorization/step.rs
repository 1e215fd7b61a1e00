//! Decides what a person is asked next, until a code can be issued.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::{Answers, AuthorizationRequest, Consent, ConsentDecision, Prompt, Reply, SubjectHint};
use crate::account::{Account, MfaPolicy};
use crate::client::{Client, KnownBy};

/// Who is signed in at this browser.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn<'a> {
    /// The account.
    pub account: &'a Account,
    /// When its owner last proved who they are.
    pub authenticated_at: Timestamp,
    /// Whether that proof had more than one factor.
    pub multi_factor: bool,
    /// What its owner has allowed the client before.
    pub consent: Option<&'a Consent>,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The person signs in.
    SignIn,
    /// The person chooses the account.
    ChooseAccount,
    /// The person allows the client what it asks for.
    Consent,
    /// A code is issued.
    Issue,
}

/// Why there is no next step. The client is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StepRefusal {
    /// A page is needed, and the client wants none.
    #[error("the person must sign in")]
    LoginRequired,
    /// A page is needed, and the client wants none.
    #[error("the person must allow this first")]
    ConsentRequired,
    /// A page is needed, and the client wants none.
    #[error("the person must choose an account")]
    AccountRequired,
    /// The client admits people with other roles only.
    #[error("the client admits people with other roles only")]
    RoleRequired,
    /// The person does not allow it.
    #[error("the person does not allow it")]
    Denied,
}

/// Decides what comes next.
///
/// # Errors
///
/// [`StepRefusal`]
pub fn next_step(
    request: &AuthorizationRequest,
    client: &Client,
    signed_in: Option<SignedIn<'_>>,
    answers: Answers,
    now: Timestamp,
) -> Result<Step, StepRefusal> {
    if answers.decision == Some(ConsentDecision::Denied) {
        return Err(StepRefusal::Denied);
    }
    let step = wanted_step(request, client, signed_in, answers, now)?;
    match (request.prompt, step) {
        (Prompt::Nothing, Step::SignIn) => Err(StepRefusal::LoginRequired),
        (Prompt::Nothing, Step::ChooseAccount) => Err(StepRefusal::AccountRequired),
        (Prompt::Nothing, Step::Consent) => Err(StepRefusal::ConsentRequired),
        (_, step) => Ok(step),
    }
}

fn wanted_step(
    request: &AuthorizationRequest,
    client: &Client,
    signed_in: Option<SignedIn<'_>>,
    answers: Answers,
    now: Timestamp,
) -> Result<Step, StepRefusal> {
    let Some(signed_in) = signed_in else {
        return Ok(Step::SignIn);
    };
    let (login, consent, account) = match request.prompt {
        Prompt::Nothing => (false, false, false),
        Prompt::Ask {
            login,
            consent,
            account,
        } => (login, consent, account),
    };
    let has_signed_in_for_it = signed_in.authenticated_at >= request.asked_at;
    if !has_signed_in_for_it {
        if account && !answers.chose_account {
            return Ok(Step::ChooseAccount);
        }
        if login || is_too_old(request, signed_in.authenticated_at, now) {
            return Ok(Step::SignIn);
        }
    }
    let without_page = request.prompt == Prompt::Nothing;
    let fits = |hint: SubjectHint| hint.fits(signed_in.account.id, without_page);
    if !request.subject_hint.is_none_or(fits) {
        // The client expects one account, and the person has just signed in with another one.
        if has_signed_in_for_it {
            return Err(StepRefusal::LoginRequired);
        }
        return Ok(Step::SignIn);
    }
    if !client.sign_in.admit(&signed_in.account.roles) {
        return Err(StepRefusal::RoleRequired);
    }
    // A sign-in asks for the second factor of the account, or enrols one.
    if client.sign_in.mfa == MfaPolicy::Required && !signed_in.multi_factor {
        return Ok(Step::SignIn);
    }
    if answers.decision_for(signed_in.account.id).is_some() {
        return Ok(Step::Issue);
    }
    // An attacker could have sent the code of another device (RFC 8628 section 5.4).
    if matches!(request.reply, Reply::Device(_)) {
        return Ok(Step::Consent);
    }
    if client.sign_in.by_redirect.first_party {
        return Ok(Step::Issue);
    }
    // Another program may send requests in its name, and anybody wrote what it is called.
    if client.known_by == KnownBy::MetadataDocument {
        return Ok(Step::Consent);
    }
    let covers = |given: &Consent| given.covers(&request.scope, &request.audience, now);
    if consent || !signed_in.consent.is_some_and(covers) {
        return Ok(Step::Consent);
    }
    Ok(Step::Issue)
}

fn is_too_old(request: &AuthorizationRequest, authenticated_at: Timestamp, now: Timestamp) -> bool {
    let longest = request.max_age_seconds.map(Duration::from_secs);
    longest.is_some_and(|longest| now.saturating_since(authenticated_at) > longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::{AuthorizationParameters, ConsentGrant, DeviceReply};
    use crate::client::Targets;
    use crate::ids::AccountId;
    use crate::one_time_token::OneTimeDigest;

    const ASKED: Timestamp = Timestamp::from_seconds(1_000);
    const EARLIER: Timestamp = Timestamp::from_seconds(900);

    fn client(first_party: bool) -> Client {
        Client::built_in(&["api".parse().unwrap()])
            .changed(|client| client.sign_in.by_redirect.first_party = first_party)
    }

    fn request(prompt: &str, max_age: Option<&str>) -> AuthorizationRequest {
        let sent = AuthorizationParameters {
            response_type: Some("code"),
            scope: Some("openid"),
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            code_challenge_method: Some("S256"),
            prompt: Some(prompt),
            max_age,
            ..AuthorizationParameters::default()
        };
        let uri = "https://app.example.com/cb".parse().unwrap();
        AuthorizationRequest::read(&client(true), uri, &sent, ASKED).unwrap()
    }

    fn account() -> Account {
        let id = AccountId::from_bytes([1; 16]);
        Account::new(id, "ada@example.com".parse().unwrap(), None, EARLIER)
    }

    fn step(
        request: &AuthorizationRequest,
        authenticated_at: Timestamp,
        answers: Answers,
    ) -> Result<Step, StepRefusal> {
        let account = account();
        let signed_in = SignedIn {
            account: &account,
            authenticated_at,
            multi_factor: false,
            consent: None,
        };
        next_step(request, &client(true), Some(signed_in), answers, ASKED)
    }

    #[test]
    fn nobody_signs_in_without_a_page_when_the_client_wants_none() {
        let (asking, quiet) = (request("", None), request("none", None));
        let none = Answers::default();
        let nobody = |request| next_step(request, &client(true), None, none, ASKED);
        assert_eq!(nobody(&asking), Ok(Step::SignIn));
        assert_eq!(nobody(&quiet), Err(StepRefusal::LoginRequired));
        assert_eq!(step(&quiet, EARLIER, none), Ok(Step::Issue));
    }

    #[test]
    fn an_old_sign_in_is_repeated_once() {
        let none = Answers::default();
        for (prompt, max_age) in [("login", None), ("", Some("99")), ("", Some("0"))] {
            let request = request(prompt, max_age);
            assert_eq!(step(&request, EARLIER, none), Ok(Step::SignIn), "{prompt}");
            assert_eq!(step(&request, ASKED, none), Ok(Step::Issue), "{prompt}");
        }
        assert_eq!(
            step(&request("", Some("100")), EARLIER, none),
            Ok(Step::Issue)
        );
        let quiet = request("none", Some("99"));
        assert_eq!(step(&quiet, EARLIER, none), Err(StepRefusal::LoginRequired));
    }

    #[test]
    fn the_account_is_chosen_once() {
        let request = request("select_account", None);
        let none = Answers::default();
        assert_eq!(step(&request, EARLIER, none), Ok(Step::ChooseAccount));
        let chosen = Answers {
            chose_account: true,
            ..none
        };
        assert_eq!(step(&request, EARLIER, chosen), Ok(Step::Issue));
        assert_eq!(step(&request, ASKED, none), Ok(Step::Issue));
    }

    #[test]
    fn other_peoples_clients_need_a_consent_that_covers_the_request() {
        let (account, again) = (account(), request("consent", None));
        let request = request("", None);
        let given = Consent::new(ConsentGrant::of(&request, EARLIER), None);
        let ask = |request: &AuthorizationRequest, consent, answers, now| {
            let signed_in = SignedIn {
                account: &account,
                authenticated_at: EARLIER,
                multi_factor: false,
                consent,
            };
            next_step(request, &client(false), Some(signed_in), answers, now)
        };
        let none = Answers::default();
        assert_eq!(ask(&request, None, none, ASKED), Ok(Step::Consent));
        assert_eq!(ask(&request, Some(&given), none, ASKED), Ok(Step::Issue));
        assert_eq!(
            ask(&request, Some(&given), none, given.until()),
            Ok(Step::Consent)
        );
        let mut more = request.clone();
        more.scope.push("email".parse().unwrap());
        assert_eq!(ask(&more, Some(&given), none, ASKED), Ok(Step::Consent));
        let decided = |decision| Answers {
            decision: Some(decision),
            ..none
        };
        let consented = decided(ConsentDecision::Allowed(account.id));
        assert_eq!(ask(&more, None, consented, ASKED), Ok(Step::Issue));
        let of_another = decided(ConsentDecision::Allowed(AccountId::from_bytes([2; 16])));
        assert_eq!(ask(&more, None, of_another, ASKED), Ok(Step::Consent));
        let denied = decided(ConsentDecision::Denied);
        let refused = ask(&request, Some(&given), denied, ASKED);
        assert_eq!(refused, Err(StepRefusal::Denied));
        assert_eq!(ask(&again, Some(&given), none, ASKED), Ok(Step::Consent));
    }

    #[test]
    fn a_hint_of_another_account_asks_for_a_sign_in_and_then_refuses() {
        let none = Answers::default();
        let hinted = |prompt: &str, hint: Option<[u8; 16]>| {
            let mut request = request(prompt, None);
            let subject = hint.map(AccountId::from_bytes);
            request.subject_hint = Some(SubjectHint::new(subject));
            request
        };
        for (prompt, hint, first, after) in [
            ("", Some([1; 16]), Ok(Step::Issue), Ok(Step::Issue)),
            ("none", Some([1; 16]), Ok(Step::Issue), Ok(Step::Issue)),
            (
                "",
                Some([2; 16]),
                Ok(Step::SignIn),
                Err(StepRefusal::LoginRequired),
            ),
            (
                "none",
                Some([2; 16]),
                Err(StepRefusal::LoginRequired),
                Err(StepRefusal::LoginRequired),
            ),
            ("", None, Ok(Step::Issue), Ok(Step::Issue)),
            (
                "none",
                None,
                Err(StepRefusal::LoginRequired),
                Err(StepRefusal::LoginRequired),
            ),
        ] {
            let request = hinted(prompt, hint);
            assert_eq!(step(&request, EARLIER, none), first, "{prompt} {hint:?}");
            assert_eq!(step(&request, ASKED, none), after, "{prompt} {hint:?}");
        }
    }

    #[test]
    fn a_device_is_connected_only_after_the_person_allows_it() {
        let account = account();
        let user_code = "WDJBMJHT".parse().unwrap();
        let reply = DeviceReply::new(user_code, OneTimeDigest::from_bytes([1; 32]));
        let client = client(true);
        let asked = (Some("openid"), Targets::default());
        let request = AuthorizationRequest::of_device(&client, reply, asked, ASKED).unwrap();
        let given = Consent::new(ConsentGrant::of(&request, EARLIER), None);
        let ask = |answers| {
            let signed_in = SignedIn {
                account: &account,
                authenticated_at: EARLIER,
                multi_factor: false,
                consent: Some(&given),
            };
            next_step(&request, &client, Some(signed_in), answers, ASKED)
        };
        let none = Answers::default();
        let consented = Answers {
            decision: Some(ConsentDecision::Allowed(account.id)),
            ..none
        };
        assert_eq!(ask(none), Ok(Step::Consent));
        assert_eq!(ask(consented), Ok(Step::Issue));
    }

    #[test]
    fn people_without_a_role_are_turned_away_after_they_signed_in() {
        let account = account();
        let client = client(true).changed(|client| {
            client.sign_in.required_roles = vec!["staff".parse().unwrap()];
        });
        let signed_in = SignedIn {
            account: &account,
            authenticated_at: EARLIER,
            multi_factor: false,
            consent: None,
        };
        let none = Answers::default();
        let refused = next_step(&request("", None), &client, Some(signed_in), none, ASKED);
        assert_eq!(refused, Err(StepRefusal::RoleRequired));
    }

    #[test]
    fn a_client_that_requires_a_second_factor_takes_no_sign_in_without_one() {
        let client = client(true).changed(|client| client.sign_in.mfa = MfaPolicy::Required);
        let step = |multi_factor, totp, prompt: &str| {
            let mut account = account();
            account.second_factors.totp = totp;
            let signed_in = SignedIn {
                account: &account,
                authenticated_at: EARLIER,
                multi_factor,
                consent: None,
            };
            let (request, none) = (request(prompt, None), Answers::default());
            next_step(&request, &client, Some(signed_in), none, ASKED)
        };
        assert_eq!(step(true, true, ""), Ok(Step::Issue));
        assert_eq!(step(false, true, ""), Ok(Step::SignIn));
        assert_eq!(step(false, true, "none"), Err(StepRefusal::LoginRequired));
        assert_eq!(step(false, false, ""), Ok(Step::SignIn));
    }

    #[test]
    fn a_client_that_nobody_registered_needs_consent_each_time() {
        let (request, account) = (request("", None), account());
        let consent = Consent::new(ConsentGrant::of(&request, ASKED), None);
        let signed_in = SignedIn {
            account: &account,
            authenticated_at: ASKED,
            multi_factor: false,
            consent: Some(&consent),
        };
        let next = |known_by| {
            let client = client(false).changed(|client| client.known_by = known_by);
            let answers = Answers::default();
            next_step(&request, &client, Some(signed_in), answers, ASKED)
        };
        assert_eq!(next(KnownBy::Registration), Ok(Step::Issue));
        assert_eq!(next(KnownBy::MetadataDocument), Ok(Step::Consent));
    }
}
