//! The arguments of `signet account`, and the requests that they make.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use clap::Args;
use serde_json::{Value, json};
use signet_core::account::{AccountClaims, AccountStatus, DisplayName, Email, MfaPolicy};
use signet_core::authenticators::AuthenticatorKind;
use signet_core::ids::AccountId;
use signet_core::invitation::InvitationLifetime;
use signet_core::names::Role;
use signet_core::secret::SecretText;

use crate::cli::failure::wrong_usage;
use crate::cli::{CommandResult, duration};

/// Which account: its id or its email address.
#[derive(Clone, Debug)]
pub(in crate::cli) enum Who {
    Id(AccountId),
    Email(Email),
}

/// A text that names no account.
#[derive(Debug, thiserror::Error)]
#[error("must be the id or the email address of an account")]
pub(in crate::cli) struct InvalidWho;

impl FromStr for Who {
    type Err = InvalidWho;

    fn from_str(text: &str) -> Result<Self, InvalidWho> {
        let id = text.parse().map(Self::Id);
        let named = id.or_else(|_| text.parse().map(Self::Email));
        named.map_err(|_| InvalidWho)
    }
}

impl Display for Who {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Email(email) => f.write_str(email.as_str()),
        }
    }
}

/// Which accounts.
#[derive(Args, Debug)]
pub(in crate::cli) struct Filter {
    /// Only the account with this email address
    #[arg(long)]
    email: Option<Email>,
    /// Only accounts with this role
    #[arg(long)]
    role: Option<Role>,
    /// Only accounts with this status: active, disabled or invited
    #[arg(long)]
    status: Option<AccountStatus>,
}

impl Filter {
    /// The parameters of the query.
    pub(super) fn query(&self) -> Vec<(&'static str, &str)> {
        let email = self.email.as_ref().map(|email| ("email", email.as_str()));
        let role = self.role.as_ref().map(|role| ("role", role.as_str()));
        let status = self.status.map(|status| ("status", status.as_str()));
        [email, role, status].into_iter().flatten().collect()
    }
}

/// An account to be added.
#[derive(Args, Debug)]
pub(in crate::cli) struct Add {
    /// The email address of the account
    email: Email,
    /// The name of the person
    #[arg(long)]
    name: Option<DisplayName>,
    /// A role; may be given more than once
    #[arg(long = "role", value_name = "ROLE", value_delimiter = ',')]
    roles: Vec<Role>,
    /// Claims for services, a JSON object
    #[arg(long, value_name = "JSON", value_parser = AccountClaims::from_json)]
    claims: Option<AccountClaims>,
    /// Read the password from the terminal, or one line of standard input
    #[arg(long)]
    pub(super) password: bool,
    /// Invite the owner to set a password: by mail, or by a link that is printed
    #[arg(long, conflicts_with = "password")]
    invite: bool,
}

impl Add {
    /// The same as the administration API takes it.
    pub(super) fn request(&self, password: Option<&SecretText>) -> Value {
        json!({
            "email": self.email,
            "name": self.name,
            "roles": self.roles,
            "claims": self.claims,
            "password": password.map(SecretText::expose),
            "invite": self.invite,
        })
    }
}

/// An invitation to be made.
#[derive(Args, Debug)]
pub(in crate::cli) struct Invite {
    /// The email address to invite
    email: Email,
    /// A role of the new account; may be given more than once
    #[arg(long = "role", value_name = "ROLE", value_delimiter = ',')]
    roles: Vec<Role>,
    /// How long the invitation is valid, 1h to 30d [default: 7d]
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    expires_in: Option<InvitationLifetime>,
    /// Print a link, also if mail is configured
    #[arg(long)]
    link: bool,
}

impl Invite {
    /// The same as the administration API takes it.
    pub(super) fn request(&self) -> Value {
        json!({
            "email": self.email,
            "roles": self.roles,
            "expires_in": self.expires_in.map(|lifetime| lifetime.duration().as_secs()),
            "deliver": self.link.then_some("link"),
        })
    }
}

fn lifetime(text: &str) -> Result<InvitationLifetime, &'static str> {
    let seconds = duration(text)?.as_secs();
    InvitationLifetime::from_seconds(seconds).map_err(|_| "must be from 1h to 30d")
}

/// A change of an account.
#[derive(Args, Debug)]
pub(in crate::cli) struct Set {
    /// The id or the email address of the account
    pub(super) account: Who,
    #[command(flatten)]
    pub(super) change: Change,
}

/// What is changed: at least one of these.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub(in crate::cli) struct Change {
    /// The name of the person
    #[arg(long)]
    name: Option<DisplayName>,
    /// Remove the name
    #[arg(long, conflicts_with = "name")]
    no_name: bool,
    /// All claims for services, a JSON object
    #[arg(long, value_name = "JSON", value_parser = AccountClaims::from_json)]
    claims: Option<AccountClaims>,
    /// Whether the email address is verified
    #[arg(long, value_name = "true|false")]
    email_verified: Option<bool>,
    /// Whether the account must have a second factor: optional or required
    #[arg(long, value_name = "POLICY")]
    mfa_policy: Option<MfaPolicy>,
}

impl Change {
    /// The same as the administration API takes it.
    pub(super) fn request(&self) -> Value {
        let mut change = json!({
            "claims": self.claims,
            "email_verified": self.email_verified,
            "mfa_policy": self.mfa_policy.map(MfaPolicy::as_str),
        });
        if let Value::Object(members) = &mut change
            && (self.no_name || self.name.is_some())
        {
            members.insert("name".to_owned(), json!(self.name));
        }
        change
    }
}

/// What is reset.
#[derive(Args, Debug)]
pub(in crate::cli) struct Reset {
    /// The id or the email address of the account
    pub(super) account: Who,
    /// Print the link instead of mailing it
    #[arg(long)]
    pub(super) link: bool,
    /// Remove an authenticator and end the sessions instead: `password`, `totp`, `recovery_codes`
    /// or `passkeys`
    #[arg(long, value_name = "KIND", conflicts_with = "link")]
    pub(super) remove: Option<AuthenticatorKind>,
}

/// Changes of roles; none shows them.
#[derive(Args, Debug)]
pub(in crate::cli) struct Roles {
    /// The id or the email address of the account
    pub(super) account: Who,
    /// Add a role; may be given more than once
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    add: Vec<Role>,
    /// Remove a role; may be given more than once
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    remove: Vec<Role>,
}

impl Roles {
    /// Refuses a role that is added and removed: no order of the two is what was meant.
    pub(super) fn check(&self) -> CommandResult {
        let both = self.add.iter().find(|role| self.remove.contains(role));
        both.map_or(Ok(()), |role| {
            Err(wrong_usage(&format!(
                "the role {role} is in both --add and --remove; leave it out of one of them"
            )))
        })
    }

    pub(super) fn changes_nothing(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// The roles after the change of those before it.
    pub(super) fn after<'a>(&'a self, before: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        let removed = |role: &&str| self.remove.iter().any(|removed| removed.as_str() == *role);
        let mut roles: Vec<_> = before.filter(|role| !removed(role)).collect();
        for added in &self.add {
            if !roles.contains(&added.as_str()) {
                roles.push(added.as_str());
            }
        }
        roles
    }
}
