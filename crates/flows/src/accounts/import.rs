//! Adding accounts of another service or of another Signet, many at a time.
//!
//! An import never changes an account: an address that has one already is left as it is, so a file
//! can be imported again after an interruption.

use signet_core::account::{Account, AccountClaims, AccountStatus, DisplayName, Email, MfaPolicy};
use signet_core::authenticators::{AuthenticatorProblem, AuthenticatorSet, Passkey, TotpEnrolment};
use signet_core::ids::AccountId;
use signet_core::keys::Purpose;
use signet_core::names::{ADMIN_SCOPE, Role};
use signet_core::password::PasswordHash;
use signet_core::second_factor::{RecoveryCodeDigest, TOTP_SECRET_BYTES, TotpSecret, TotpStep};
use signet_store::{Credentials, ImportedAccount, StoreError};
use signet_verifier::Timestamp;

use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;
use crate::random::system_rng;

/// An account to be imported. Its roles fit into tokens.
#[derive(Debug)]
pub struct AccountToImport {
    /// The id that it had before; a new one if there is none.
    pub id: Option<AccountId>,
    /// The email address.
    pub email: Email,
    /// Whether and when the address was verified.
    pub verified: ImportedVerification,
    /// The name.
    pub name: Option<DisplayName>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The custom claims.
    pub claims: AccountClaims,
    /// Whether it may sign in. The default is active if it has a way to sign in, else invited.
    pub status: Option<AccountStatus>,
    /// Whether it must have a second factor.
    pub mfa: MfaPolicy,
    /// When it was registered; now if that is not known.
    pub created_at: Option<Timestamp>,
    /// The hash of its password.
    pub password_hash: Option<PasswordHash>,
    /// Its authenticator app.
    pub totp: Option<ImportedTotp>,
    /// Its recovery codes.
    pub recovery_codes: Vec<RecoveryCodeDigest>,
    /// Its passkeys.
    pub passkeys: Vec<Passkey>,
}

/// Whether an address was verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportedVerification {
    /// It was not.
    No,
    /// It was, when the account was created or later.
    Sometime,
    /// It was at this time.
    At(Timestamp),
}

/// The secret of an authenticator app.
#[derive(Debug)]
pub enum ImportedTotp {
    /// As the app knows it.
    Secret(TotpSecret),
    /// As Signet stores it.
    Sealed(TotpEnrolment),
}

/// The result for one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportVerdict {
    /// It was added, with this id.
    Added(AccountId),
    /// An account has the address already, with this id; it was not changed.
    Exists(AccountId),
    /// It cannot be added.
    Refused(ImportProblem),
}

/// The reasons why an account cannot be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ImportProblem {
    /// An active account needs a password or a passkey.
    #[error("must not be active without a password hash or a passkey; leave it out, and invite")]
    NoWayToSignIn,
    /// The sealed secret cannot be opened here.
    #[error("is sealed with data keys that this server does not have; enrol the app again")]
    SealedElsewhere,
    /// A passkey is listed twice, or there are too many.
    #[error("must be at most 10 different passkeys")]
    Passkeys,
    /// A role administers, and the caller may not add administrators.
    #[error("must not name a role that administers: only a token with the scope {ADMIN_SCOPE} may")]
    Administers,
    /// Another account has the id, or a deleted one had it a moment ago.
    #[error("belongs to another account, or did so a moment ago")]
    IdTaken,
    /// Another account has one of the passkeys.
    #[error("must not contain a passkey of another account")]
    PasskeyTaken,
}

impl Flows {
    /// Adds those accounts of a batch that can be added, and returns a verdict for each.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; some of the accounts may have been added then.
    pub async fn import_accounts(
        &self,
        batch: Vec<AccountToImport>,
        caller: Caller<'_>,
    ) -> Result<Vec<ImportVerdict>, StoreError> {
        let prepared: Vec<_> = batch
            .into_iter()
            .map(|new| self.prepare(new, caller))
            .collect();
        let ready: Vec<_> = prepared.iter().flatten().cloned().collect();
        let mut added = self.stores.imports.add(&ready).await?.into_iter();
        let mut verdicts = Vec::with_capacity(prepared.len());
        let mut count = 0;
        for prepared in prepared {
            let verdict = match prepared {
                Err(problem) => ImportVerdict::Refused(problem),
                Ok(new) if added.next() == Some(true) => {
                    count += 1;
                    ImportVerdict::Added(new.credentials.account.id)
                }
                Ok(new) => self.why_not(&new).await?,
            };
            verdicts.push(verdict);
        }
        if count > 0 {
            events::emit(Event::AccountsImported(count), caller);
        }
        Ok(verdicts)
    }

    fn prepare(
        &self,
        new: AccountToImport,
        caller: Caller<'_>,
    ) -> Result<ImportedAccount, ImportProblem> {
        if !caller.may_change_account_with(&new.roles) {
            return Err(ImportProblem::Administers);
        }
        let now = self.clock.now();
        let id = new
            .id
            .unwrap_or_else(|| AccountId::random(&mut system_rng()));
        let can_sign_in = new.password_hash.is_some() || !new.passkeys.is_empty();
        let usual = if can_sign_in {
            AccountStatus::Active
        } else {
            AccountStatus::Invited
        };
        let status = new.status.unwrap_or(usual);
        if status == AccountStatus::Active && !can_sign_in {
            return Err(ImportProblem::NoWayToSignIn);
        }
        let mut record = AuthenticatorSet::none(id, new.password_hash.is_some());
        for passkey in new.passkeys {
            let with = record.add_passkey(passkey);
            record = with.map_err(|_: AuthenticatorProblem| ImportProblem::Passkeys)?;
        }
        let totp = new.totp.map(|totp| self.sealed_here(id, totp));
        record.totp = totp.transpose()?;
        record.recovery_codes = new.recovery_codes;
        record.version = 1;
        let empty = AuthenticatorSet {
            version: 1,
            ..AuthenticatorSet::none(id, record.has_password)
        };
        let created_at = new.created_at.unwrap_or(now).min(now);
        let mut account = Account::new(id, new.email, new.name, created_at);
        account.email_verified_at = match new.verified {
            ImportedVerification::No => None,
            ImportedVerification::Sometime => Some(created_at),
            ImportedVerification::At(at) => Some(at),
        };
        account.roles = new.roles;
        account.claims = new.claims;
        account.mfa = new.mfa;
        account.standing.status = status;
        Ok(ImportedAccount {
            credentials: Credentials {
                account,
                password_hash: new.password_hash,
            },
            authenticators: Some(record).filter(|record| *record != empty),
        })
    }

    /// The secret of an app, sealed for this account with the keys of this server.
    fn sealed_here(
        &self,
        id: AccountId,
        totp: ImportedTotp,
    ) -> Result<TotpEnrolment, ImportProblem> {
        let data = &self.keys().data;
        let sealed_for = (Purpose::TOTP_SECRET, id);
        match totp {
            ImportedTotp::Sealed(enrolment) => {
                let opened = data.open(sealed_for, &enrolment.sealed_secret);
                let opened = opened
                    .ok()
                    .filter(|secret| secret.len() == TOTP_SECRET_BYTES);
                opened.ok_or(ImportProblem::SealedElsewhere)?;
                Ok(enrolment)
            }
            ImportedTotp::Secret(secret) => {
                let now = self.clock.now();
                let sealed = data.seal(sealed_for, secret.expose(), now, &mut system_rng());
                Ok(TotpEnrolment {
                    sealed_secret: sealed.map_err(|_| ImportProblem::SealedElsewhere)?,
                    last_step: Some(NO_STEP),
                })
            }
        }
    }

    async fn why_not(&self, new: &ImportedAccount) -> Result<ImportVerdict, StoreError> {
        let accounts = &self.stores.accounts;
        let account = &new.credentials.account;
        if let Some(found) = accounts.by_email(&account.email).await? {
            return Ok(ImportVerdict::Exists(found.account.id));
        }
        let has_passkeys = new
            .authenticators
            .as_ref()
            .is_some_and(|record| !record.passkeys.is_empty());
        let problem = if has_passkeys && accounts.account(account.id).await?.is_none() {
            ImportProblem::PasskeyTaken
        } else {
            ImportProblem::IdTaken
        };
        Ok(ImportVerdict::Refused(problem))
    }
}

/// A step of 1970: no code of it is accepted any more, and every later one is.
const NO_STEP: TotpStep = 0;
