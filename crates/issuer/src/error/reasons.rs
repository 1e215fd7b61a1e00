//! Maps each reason of a flow to one code of the HTTP contract.

use std::error::Error;
use std::time::Duration;

use signet_core::client::RegistrationProblem;
use signet_flows::ListEventsError;
use signet_flows::accounts::AdministerError;
use signet_flows::authenticate::{PasswordSignInError, RegisterError, SignInError};
use signet_flows::begin_session::BeginSessionError;
use signet_flows::clients::ManageError;
use signet_flows::hashing::HashError;
use signet_flows::invitations::InviteError;
use signet_flows::issue::IssueError;
use signet_flows::links::LinkError;
use signet_flows::own_account::OwnAccountError;
use signet_flows::passkeys::PasskeyRefusal;
use signet_flows::rate_limits::TooMany;
use signet_flows::refresh::RefreshError;
use signet_flows::second_factor::FactorError;
use signet_store::StoreError;

use super::{ApiError, Code, FieldError};

/// A broken store is never the client's fault, and the client may repeat the request.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from(Code::Unavailable).because(error)
    }
}

impl From<ListEventsError> for ApiError {
    fn from(error: ListEventsError) -> Self {
        match error {
            ListEventsError::NoTable => Self::from(Code::NotFound).detail(error.to_string()),
            ListEventsError::Store(error) => error.into(),
        }
    }
}

/// A full queue is overload; a broken job is a bug of Signet.
impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        let code = match error {
            HashError::Full => Code::Overloaded,
            HashError::Crowded => return Self::from(Code::RateLimited).retry_after(CROWDED_WAIT),
            HashError::Broken => Code::InternalError,
        };
        Self::from(code).because(error)
    }
}

impl From<TooMany> for ApiError {
    fn from(error: TooMany) -> Self {
        Self::from(Code::RateLimited).retry_after(error.wait)
    }
}

/// A client that has changed gets what it would have got a moment later: nothing.
impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::ClientChanged => Code::SessionEnded.into(),
            IssueError::Signing(error) => Self::from(Code::Unavailable).because(error),
            IssueError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => Code::InvalidCredentials.into(),
            SignInError::TooMany(error) => error.into(),
            SignInError::Hash(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordSignInError> for ApiError {
    fn from(error: PasswordSignInError) -> Self {
        match error {
            PasswordSignInError::WorkRequired(required) => required.into(),
            PasswordSignInError::Refused(error) => error.into(),
        }
    }
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Closed => Code::RegistrationClosed.into(),
            RegisterError::InvalidInvitation => Code::InvalidToken.into(),
            RegisterError::NewPassword(problem) => Self::validation(vec![FieldError {
                field: "password",
                code: problem.code(),
                message: problem.to_string().into(),
            }]),
            RegisterError::WorkRequired(required) => required.into(),
            RegisterError::Contended => Code::Unavailable.into(),
            RegisterError::RoleRequired => Code::RoleRequired.into(),
            RegisterError::EmailTaken => Code::EmailTaken.into(),
            RegisterError::TooMany(error) => error.into(),
            RegisterError::Hash(error) => error.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<BeginSessionError> for ApiError {
    fn from(error: BeginSessionError) -> Self {
        match error {
            BeginSessionError::AccountChanged
            | BeginSessionError::NoAudience
            | BeginSessionError::Issue(IssueError::ClientChanged) => {
                Code::InvalidCredentials.into()
            }
            BeginSessionError::RoleRequired => Code::RoleRequired.into(),
            BeginSessionError::SignInOver => Code::ChallengeFailed.into(),
            BeginSessionError::Issue(error) => error.into(),
            BeginSessionError::Store(error) => error.into(),
        }
    }
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::SessionEnded => Code::SessionEnded.into(),
            RefreshError::RoleRequired => Code::RoleRequired.into(),
            RefreshError::TooMany(error) => error.into(),
            RefreshError::Contended | RefreshError::Stalled => Code::Unavailable.into(),
            RefreshError::Scope(error) => invalid_field("scope", &error),
            RefreshError::Target(error) => invalid_field("audience", &error),
            RefreshError::Issue(error) => error.into(),
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl From<LinkError> for ApiError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Invalid => Code::InvalidToken.into(),
            LinkError::NoMail => Self::from(Code::NotFound).detail(error.to_string()),
            LinkError::EmailTaken => Code::EmailTaken.into(),
            LinkError::SessionEnded => Code::SessionEnded.into(),
            LinkError::NewPassword(problem) => Self::validation(vec![FieldError {
                field: "new_password",
                code: problem.code(),
                message: problem.to_string().into(),
            }]),
            LinkError::Contended => Code::Unavailable.into(),
            LinkError::TooMany(error) => error.into(),
            LinkError::Hash(error) => error.into(),
            LinkError::Store(error) => error.into(),
        }
    }
}

impl From<OwnAccountError> for ApiError {
    fn from(error: OwnAccountError) -> Self {
        match error {
            OwnAccountError::SessionEnded => Code::SessionEnded.into(),
            OwnAccountError::Proof(error) => error.into(),
            OwnAccountError::Factor(FactorError::Passkey(PasskeyRefusal::Ceremony(refusal))) => {
                Self::validation(vec![FieldError {
                    field: "credential",
                    code: refusal.code(),
                    message: format!("is refused: {refusal}").into(),
                }])
            }
            OwnAccountError::Factor(error) => error.into(),
            OwnAccountError::NewPassword(problem) => Self::validation(vec![FieldError {
                field: "new_password",
                code: problem.code(),
                message: problem.to_string().into(),
            }]),
            OwnAccountError::NoMail => Self::from(Code::NotFound).detail(error.to_string()),
            OwnAccountError::TooMany(error) => error.into(),
            OwnAccountError::NoSuchSession | OwnAccountError::NoSuchConsent => {
                Code::NotFound.into()
            }
            OwnAccountError::Contended => Code::Unavailable.into(),
            OwnAccountError::Hash(error) => error.into(),
            OwnAccountError::Store(error) => error.into(),
        }
    }
}

impl From<AdministerError> for ApiError {
    fn from(error: AdministerError) -> Self {
        match error {
            AdministerError::UnknownAccount | AdministerError::UnknownSession => {
                Code::NotFound.into()
            }
            AdministerError::UnknownAuthenticator => {
                Self::from(Code::NotFound).detail(error.to_string())
            }
            AdministerError::Administers => Self::from(Code::Forbidden).detail(error.to_string()),
            AdministerError::LastAuthenticator => {
                Self::from(Code::LastAuthenticator).detail(error.to_string())
            }
            AdministerError::EmailTaken => Code::EmailTaken.into(),
            AdministerError::NoAuthenticator
            | AdministerError::NotAStatus
            | AdministerError::NotActive
            | AdministerError::NoMail => Self::from(Code::Conflict).detail(error.to_string()),
            AdministerError::Invite(error) => error.into(),
            AdministerError::Contended => Code::Unavailable.into(),
            AdministerError::Hash(error) => error.into(),
            AdministerError::Store(error) => error.into(),
        }
    }
}

impl From<InviteError> for ApiError {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Unknown => Code::NotFound.into(),
            InviteError::EmailTaken => Code::EmailTaken.into(),
            InviteError::Closed | InviteError::RolesOfAccount | InviteError::NoMail => {
                Self::from(Code::Conflict).detail(error.to_string())
            }
            InviteError::Administers => Self::from(Code::Forbidden).detail(error.to_string()),
            InviteError::Unsealed => Self::from(Code::InternalError).because(error),
            InviteError::Store(error) => error.into(),
        }
    }
}

impl From<ManageError> for ApiError {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::Unknown => Code::NotFound.into(),
            ManageError::BuiltIn(_) => Self::from(Code::NotFound).detail(error.to_string()),
            ManageError::Store(error) => error.into(),
            ManageError::Registration(problem) => Self::validation(vec![FieldError {
                field: field_of(problem),
                code: "invalid",
                message: problem.to_string().into(),
            }]),
            ManageError::Administers => Self::from(Code::Forbidden).detail(error.to_string()),
            ManageError::IdTaken
            | ManageError::NoSecret
            | ManageError::Contended
            | ManageError::Outdated { .. }
            | ManageError::Unregistered => Self::from(Code::Conflict).detail(error.to_string()),
        }
    }
}

fn invalid_field(field: &'static str, error: &dyn Error) -> ApiError {
    ApiError::validation(vec![FieldError {
        field,
        code: "invalid",
        message: error.to_string().into(),
    }])
}

fn field_of(problem: RegistrationProblem) -> &'static str {
    match problem {
        RegistrationProblem::ReservedId => "client_id",
        RegistrationProblem::PublicGrant => "grants",
        RegistrationProblem::NoAudience => "audiences",
        RegistrationProblem::TooMuch => "scopes",
        RegistrationProblem::NoSignIn => "required_roles",
        RegistrationProblem::SignInScope | RegistrationProblem::SignInScopesByRedirect => {
            "sign_in_scopes"
        }
        RegistrationProblem::CodeWithoutRedirectUri
        | RegistrationProblem::NoRedirectUri
        | RegistrationProblem::TooManyUris => "redirect_uris",
        RegistrationProblem::ThirdPartyAccount => "first_party",
        RegistrationProblem::TokenTtl { .. } => "token_ttl",
    }
}

/// A few hashes take less.
const CROWDED_WAIT: Duration = Duration::from_secs(1);
