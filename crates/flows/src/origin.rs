//! Where a request comes from and who makes it, for sessions and events.

use std::net::IpAddr;

use signet_core::captcha::CaptchaAnswer;
use signet_core::device_token::DeviceToken;
use signet_core::ids::AccountId;
use signet_core::names::{ClientId, Role, Scope};
use signet_core::session::SeenFrom;

use crate::mail::Language;
use crate::rate_limits::Counted;

/// Where a request comes from. All of it is unknown to work that no request asks for.
#[derive(Clone, Debug, Default)]
pub struct RequestOrigin {
    /// The address of the client, after trusted proxies.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header; empty if there is none.
    pub user_agent: String,
    /// The name of the request in logs and answers.
    pub request_id: Option<String>,
    /// The device that the request comes from, if a person has signed in on it.
    pub device: Option<DeviceToken>,
    /// The language that the request asks for, if mail is written in it.
    pub language: Option<Language>,
    /// The proof that the request shows where work is required.
    pub proof_of_work: ShownWork,
}

/// The proof that a request shows where work is required.
#[derive(Clone, Debug, Default)]
pub enum ShownWork {
    /// The request shows none.
    #[default]
    Missing,
    /// A text that may be a solution.
    Shown(String),
    /// The answer of a captcha, in place of work.
    Captcha(CaptchaAnswer),
    /// The request needs none: it arrived where only operators can send requests.
    Exempt,
}

impl ShownWork {
    /// The work that a field shows, if the request has the field.
    pub fn in_field(field: Option<String>) -> Self {
        field.map_or(Self::Missing, Self::Shown)
    }
}

impl RequestOrigin {
    /// What a request from here that is about `subject` is counted by.
    pub(crate) fn counted_for<'a>(&self, subject: &'a str) -> Counted<'a> {
        Counted {
            address: self.address,
            subject: Some(subject),
            device: None,
        }
    }

    /// The same for an account, which may be known on this device.
    pub(crate) fn counted_for_account<'a>(
        &'a self,
        subject: &'a str,
        account_id: Option<AccountId>,
    ) -> Counted<'a> {
        let known = self.device.as_ref();
        let known = known.filter(|device| Some(device.account_id()) == account_id);
        Counted {
            device: known.map(DeviceToken::name),
            ..self.counted_for(subject)
        }
    }
}

impl RequestOrigin {
    /// What a session remembers of it.
    pub(crate) fn seen_from(&self) -> SeenFrom {
        SeenFrom::new(&self.user_agent, self.address)
    }
}

/// Who makes a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Actor<'a> {
    /// A caller that has proved nothing, or a refresh token alone.
    Unknown,
    /// The owner of an account.
    Account(AccountId),
    /// A client that has proved who it is.
    Client(&'a ClientId),
    /// An administrator: a program with a token, or a person at the command line.
    Administrator {
        /// The `sub` of the token. A command names the person who runs it in the same form.
        subject: &'a str,
        /// How much the administrator may change.
        reach: Reach,
    },
    /// The server itself.
    System,
}

/// How much an administrator may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Everything, other administrators included.
    Everything,
    /// What the scopes of the token name, and no administrator.
    Limited,
}

/// Who asks for something, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Who asks.
    pub actor: Actor<'a>,
    /// Where the request comes from; none for a command.
    pub origin: Option<&'a RequestOrigin>,
    /// The client of the session that the request is about, if that is known.
    pub client: Option<&'a ClientId>,
}

impl<'a> Caller<'a> {
    /// A caller of unknown identity.
    pub fn unknown(origin: &'a RequestOrigin) -> Self {
        Self::acting(Actor::Unknown, origin)
    }

    /// The owner of an account.
    pub fn account(id: AccountId, origin: &'a RequestOrigin) -> Self {
        Self::acting(Actor::Account(id), origin)
    }

    /// A client that has proved who it is.
    pub fn client(id: &'a ClientId, origin: &'a RequestOrigin) -> Self {
        Self::acting(Actor::Client(id), origin)
    }

    /// A command on the machine that changes the stores without a server.
    pub fn command_line(operator: &'a ClientId) -> Self {
        Self {
            actor: Actor::Administrator {
                subject: operator.as_str(),
                reach: Reach::Everything,
            },
            origin: None,
            client: None,
        }
    }

    /// The same caller, in a session of this client.
    pub(crate) fn in_session_of(self, client: &'a ClientId) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// Whether the caller may change a client that may have these scopes. A client that may
    /// administer is changed only by callers who may do everything, so that no scope leads to a
    /// wider one.
    pub(crate) fn may_change_client_with(&self, scopes: &[Scope]) -> bool {
        !self.is_limited() || !scopes.iter().any(Scope::administers)
    }

    /// The same for an account that has or would have these roles.
    pub(crate) fn may_change_account_with(&self, roles: &[Role]) -> bool {
        !self.is_limited() || !roles.iter().any(Role::administers)
    }

    fn is_limited(&self) -> bool {
        matches!(
            self.actor,
            Actor::Administrator {
                reach: Reach::Limited,
                ..
            }
        )
    }

    /// Work that no request and no command asks for.
    pub(crate) const SYSTEM: Self = Self {
        actor: Actor::System,
        origin: None,
        client: None,
    };

    pub(crate) fn acting(actor: Actor<'a>, origin: &'a RequestOrigin) -> Self {
        Self {
            actor,
            origin: Some(origin),
            client: None,
        }
    }
}
