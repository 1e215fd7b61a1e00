//! Step-up: a person who is signed in proves once more who they are, before a change that a thief
//! of the session must not make.
//!
//! The proof must be of the strongest kind that the account has: a second factor if one is
//! enrolled, else the password. It can be in the request itself, or be the latest proof of the
//! session if that is fresh.

use std::time::Duration;

use signet_core::access_token::AccessToken;
use signet_core::account::{Account, AccountStatus};
use signet_core::authenticators::{AuthenticatorSet, ProofMethod};
use signet_core::password::Password;
use signet_core::session::{MULTI_FACTOR, Session};
use signet_store::{Credentials, StoreError, Swapped};

use crate::authenticate::{PASSWORD, PasswordAttempt, SignInError};
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::{HashClass, HashError};
use crate::issue::{IssueError, Recipient};
use crate::origin::{Caller, RequestOrigin};
use crate::passkeys::{Binding, PasskeyRequest};
use crate::rate_limits::TooMany;
use crate::retry::{Round, until_done};
use crate::second_factor::{FactorCheck, FactorError, GivenFactor};
use crate::session_tokens::{Extent, NoAudienceLeft};

/// What a person shows to prove once more who they are; nothing if both are `None`.
#[derive(Debug, Default)]
pub struct Proof {
    /// The password.
    pub password: Option<Password>,
    /// A second factor.
    pub factor: Option<GivenFactor>,
}

/// The account of a caller whose proof was sufficient. Only the check makes one.
#[derive(Debug)]
pub struct Proven {
    pub(crate) credentials: Credentials,
    pub(crate) authenticators: AuthenticatorSet,
    /// The methods that were shown in the request, RFC 8176.
    shown: Vec<&'static str>,
}

/// A session that has been stepped up, with a new access token.
#[derive(Debug)]
pub struct SteppedUp {
    /// The session as the store has it.
    pub session: Session,
    /// The account.
    pub account: Account,
    /// The access token.
    pub access: AccessToken,
    /// How long the session lasts if it is not refreshed.
    pub refresh_expires_in: Duration,
}

/// What the caller can step up by.
#[derive(Debug)]
pub struct StepUpOptions {
    /// The methods.
    pub methods: Vec<ProofMethod>,
    /// The request for a passkey, if the account has one.
    pub passkey: Option<PasskeyRequest>,
}

/// Why a proof was not sufficient.
#[derive(Debug, thiserror::Error)]
pub enum StepUpError {
    /// The account or the session is gone, or the session has no access token any more.
    #[error("the session has ended")]
    SessionEnded,
    /// The password is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The second factor was refused.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// No proof was given, or only one of a weaker kind, and the latest of the session is too old
    /// or weaker too.
    #[error("a fresh proof by one of the account's strongest methods is required")]
    Required(Vec<ProofMethod>),
    /// The client admits people with other roles only.
    #[error("the client admits people with other roles only")]
    RoleRequired,
    /// The session was changed too often meanwhile.
    #[error("the session was changed too often meanwhile")]
    Contended,
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// Too many passwords were wrong for this account. The password was not checked.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// No access token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Steps up the caller's session: its access tokens tell the time and the methods of this
    /// proof from now on.
    ///
    /// # Errors
    ///
    /// [`StepUpError`]
    pub async fn step_up(
        &self,
        bearer: SessionBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<SteppedUp, StepUpError> {
        let session = self.note_proof(bearer, proof, origin).await?;
        let now = self.clock.now();
        // Once more: a role that was removed since must not come into the token, see
        // `signet_core::account::issue_from`.
        let account = self.stores.accounts.account(session.account_id).await?;
        let account = account.ok_or(StepUpError::SessionEnded)?;
        let client = self.find_client(&session.grant.client_id).await?;
        let client = client.ok_or(StepUpError::SessionEnded)?;
        if !client.sign_in.admit(&account.roles) {
            return Err(StepUpError::RoleRequired);
        }
        let recipient = Recipient::public(&client);
        let extent = Extent::of(&session.grant, &client);
        let extent = extent.map_err(|NoAudienceLeft| StepUpError::SessionEnded)?;
        let access = self.session_access_token(&session, &account, (recipient, &extent), now);
        let access = access.await?;
        Ok(SteppedUp {
            refresh_expires_in: session.lifetime.expires_at().saturating_since(now),
            session,
            account,
            access,
        })
    }

    /// Checks a proof of the strongest kind, and writes it into the record of the session.
    pub(crate) async fn note_proof(
        &self,
        bearer: SessionBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<Session, StepUpError> {
        let proven = self.check_person_proof(bearer, proof, origin).await?;
        if !proven.is_strongest() {
            return Err(proven.insufficient());
        }
        let session = self.note_step_up(bearer, &proven).await?;
        let (account_id, id) = (session.account_id, session.id);
        let caller = Caller::account(account_id, origin).in_session_of(&session.grant.client_id);
        events::emit(Event::SessionSteppedUp(account_id, id), caller);
        Ok(session)
    }

    /// The methods by which the caller can step up.
    ///
    /// # Errors
    ///
    /// [`StepUpError`]
    pub async fn step_up_options(
        &self,
        bearer: SessionBearer,
    ) -> Result<StepUpOptions, StepUpError> {
        let found = self.stores.authenticators.find(bearer.account_id()).await?;
        let found = found.ok_or(StepUpError::SessionEnded)?;
        let passkey = if found.passkeys.is_empty() {
            None
        } else {
            let binding = Binding::Session(bearer.account_id(), bearer.session_id());
            Some(self.ask_passkey(binding, &found.passkeys).await?)
        };
        Ok(StepUpOptions {
            methods: found.strongest_methods(),
            passkey,
        })
    }

    /// Checks the proof of a request that changes the account. Without a proof in the request, the
    /// latest proof of the session counts while it is fresh.
    ///
    /// # Errors
    ///
    /// [`StepUpError`]
    pub(crate) async fn prove(
        &self,
        bearer: SessionBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<Proven, StepUpError> {
        let proven = self.check_person_proof(bearer, proof, origin).await?;
        if proven.is_strongest() {
            return Ok(proven);
        }
        let session = self.standing_session(bearer, &proven).await?;
        let multi_factor = proven.authenticators.needs_second_factor();
        if session.is_fresh(multi_factor, self.clock.now()) {
            Ok(proven)
        } else {
            Err(proven.insufficient())
        }
    }

    /// Checks what is shown. The password comes first, so that a wrong one uses up no code.
    async fn check_person_proof(
        &self,
        bearer: SessionBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<Proven, StepUpError> {
        let id = bearer.account_id();
        let credentials = self.stores.accounts.by_id(id).await?;
        let mut credentials = credentials.ok_or(StepUpError::SessionEnded)?;
        let authenticators = self.stores.authenticators.find(id).await?;
        let authenticators = authenticators.ok_or(StepUpError::SessionEnded)?;
        if credentials.account.standing.status != AccountStatus::Active {
            return Err(StepUpError::SessionEnded);
        }
        let mut shown = Vec::new();
        if let Some(password) = proof.password {
            let lookup_key = credentials.account.email.lookup_key();
            let attempt = PasswordAttempt {
                class: HashClass::SignedIn,
                counted: origin.counted_for_account(&lookup_key, Some(id)),
            };
            let given = (credentials, password);
            let checked = self
                .check_own_password(bearer, given, attempt, origin)
                .await;
            credentials = checked.inspect_err(|error| note_failure(error, bearer, origin))?;
            shown.push(PASSWORD);
        }
        if let Some(factor) = proof.factor {
            let caller = Caller::account(id, origin);
            let check = FactorCheck {
                account_id: id,
                binding: Binding::Session(id, bearer.session_id()),
                sign_in: None,
            };
            let used = self.use_factor(check, &factor, caller).await;
            let methods = used
                .map_err(StepUpError::from)
                .inspect_err(|error| note_failure(error, bearer, origin))?;
            shown.extend(methods);
        }
        Ok(Proven {
            credentials,
            authenticators,
            shown,
        })
    }

    /// Writes the proof into the record of the session.
    async fn note_step_up(
        &self,
        bearer: SessionBearer,
        proven: &Proven,
    ) -> Result<Session, StepUpError> {
        until_done(StepUpError::Contended, (), |()| async move {
            let session = self.standing_session(bearer, proven).await?;
            let next = session.stepped_up(&proven.shown, self.clock.now());
            Ok(match self.stores.sessions.swap(&next).await? {
                Swapped::Done => Round::Done(next),
                Swapped::Lost => Round::Overtaken(()),
            })
        })
        .await
    }

    /// The caller's session, if the account still admits it.
    async fn standing_session(
        &self,
        bearer: SessionBearer,
        proven: &Proven,
    ) -> Result<Session, StepUpError> {
        let (account_id, id) = (bearer.account_id(), bearer.session_id());
        let now = self.clock.now();
        let found = self.stores.sessions.find(account_id, id, now).await?;
        let standing = proven.credentials.account.standing;
        let found = found.filter(|session| standing.admits(session.id, session.grant.epoch));
        found.ok_or(StepUpError::SessionEnded)
    }
}

impl Proven {
    /// Whether the password was shown in the request.
    pub(crate) fn by_password(&self) -> bool {
        self.shown.contains(&PASSWORD)
    }

    /// Whether the request itself shows the strongest kind that the account has.
    fn is_strongest(&self) -> bool {
        let wanted = if self.authenticators.needs_second_factor() {
            MULTI_FACTOR
        } else {
            PASSWORD
        };
        self.shown.contains(&wanted)
    }

    fn insufficient(&self) -> StepUpError {
        StepUpError::Required(self.authenticators.strongest_methods())
    }
}

/// Emits an event for a proof that was wrong.
fn note_failure(error: &StepUpError, bearer: SessionBearer, origin: &RequestOrigin) {
    let is_wrong = matches!(
        error,
        StepUpError::WrongPassword
            | StepUpError::Factor(FactorError::Wrong | FactorError::Passkey(_))
    );
    if is_wrong {
        let id = bearer.account_id();
        let failed = Event::StepUpFailed(id, bearer.session_id());
        events::emit(failed, Caller::account(id, origin));
    }
}

impl From<SignInError> for StepUpError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => Self::WrongPassword,
            SignInError::TooMany(error) => Self::TooMany(error),
            SignInError::Hash(error) => Self::Hash(error),
            SignInError::Store(error) => Self::Store(error),
        }
    }
}
