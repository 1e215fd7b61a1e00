//! Rate limits: which ones exist, what each counts by, and the rule that admits a request.
//!
//! The table in this file is the only place that names a limit. Configuration, metrics and
//! counters follow it. This module must not know where counters are kept.

mod counter_id;
mod gcra;
mod network;

pub use counter_id::CounterId;
pub use gcra::{Quota, Verdict, admit};
pub use network::{Network, networks};

/// What a limit counts requests by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CountBy {
    /// The network of the client address.
    Network,
    /// The account or client that the request is about, from any address.
    Subject,
    /// The network together with the account or client.
    NetworkAndSubject,
}

/// Where a limit is counted, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CountAt {
    /// In each process alone. The secrets that such requests show have a shared limit of their own.
    Process,
    /// In the process first, then where all replicas count together.
    Everywhere,
    /// In the process when the request arrives. Where all replicas count together only after the
    /// request has shown that it is genuine, so that garbage never reaches the store.
    EverywhereIfGenuine,
}

/// One line of the table of limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LimitRule {
    /// A short name for metrics.
    pub name: &'static str,
    /// The key in the configuration file.
    pub setting: &'static str,
    /// The variable in the environment.
    pub variable: &'static str,
    /// The default, as a configuration file would have it.
    pub default_per_minute: &'static str,
    /// What it counts by.
    pub count_by: CountBy,
    /// Where it is counted.
    pub count_at: CountAt,
}

macro_rules! limits {
    ($($(#[$doc:meta])* $limit:ident: $name:literal, $variable:literal, $default:literal, $by:ident, $at:ident;)+) => {
        /// A limit on how often something may be asked, with counters of its own.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Limit {
            $($(#[$doc])* $limit,)+
        }

        impl Limit {
            /// Every limit.
            pub const ALL: &'static [Self] = &[$(Self::$limit),+];

            /// Its line in the table.
            pub const fn rule(self) -> LimitRule {
                match self {
                    $(Self::$limit => LimitRule {
                        name: $name,
                        setting: concat!("limits.", $name, "_per_minute"),
                        variable: concat!("SIGNET_LIMITS_", $variable, "_PER_MINUTE"),
                        default_per_minute: stringify!($default),
                        count_by: CountBy::$by,
                        count_at: CountAt::$at,
                    },)+
                }
            }
        }
    };
}

// A limit is one line here: its name, its variable, requests per minute, what it counts by, where.
limits! {
    /// Registrations of accounts.
    Register: "register", "REGISTER", 60, Network, Everywhere;
    /// Sign-ins with a password.
    Login: "login", "LOGIN", 60, Network, Everywhere;
    /// Refreshes of sessions.
    Refresh: "refresh", "REFRESH", 600, Network, EverywhereIfGenuine;
    /// Requests for pages of sign-in by redirect; they have the setting of refreshes.
    Authorize: "refresh", "REFRESH", 600, Network, Process;
    /// Requests of programs for tokens.
    Token: "token", "TOKEN", 600, Network, EverywhereIfGenuine;
    /// Revocations of tokens by programs; they have the setting of token requests.
    Revoke: "token", "TOKEN", 600, Network, Process;
    /// Introspections of tokens by programs.
    Introspect: "introspect", "INTROSPECT", 6000, Network, Process;
    /// Changes of an account that ask for its password.
    Password: "password", "PASSWORD", 60, Network, Everywhere;
    /// Mail to one address that anybody may ask for.
    Mail: "mail", "MAIL", 5, Subject, Everywhere;
    /// Wrong passwords for one account from one network, on every route that checks a password.
    WrongPasswordFromNetwork: "wrong_password_from_network", "WRONG_PASSWORD_FROM_NETWORK", 20, NetworkAndSubject, Everywhere;
    /// Wrong passwords for one account from anywhere, on every route that checks a password.
    WrongPassword: "wrong_password", "WRONG_PASSWORD", 60, Subject, Everywhere;
    /// Failed authentications of one client from one network.
    WrongClientProof: "wrong_client_proof", "WRONG_CLIENT_PROOF", 30, NetworkAndSubject, Everywhere;
}

/// How many requests per minute each limit admits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Whether there are limits at all. `false` is for load tests.
    pub enabled: bool,
    quotas: Vec<Quota>,
}

impl Limits {
    /// Limits with these numbers, asked for in the order of [`Limit::ALL`]; `None` if a number is
    /// missing.
    pub fn read(enabled: bool, per_minute: impl FnMut(Limit) -> Option<u32>) -> Option<Self> {
        let numbers: Vec<_> = Limit::ALL.iter().copied().map(per_minute).collect();
        let quotas = numbers
            .into_iter()
            .map(|number| number.map(Quota::per_minute));
        Some(Self {
            enabled,
            quotas: quotas.collect::<Option<_>>()?,
        })
    }

    /// The quota of `limit`.
    pub fn quota(&self, limit: Limit) -> Quota {
        let place = Limit::ALL.iter().position(|known| *known == limit);
        let quota = place.and_then(|place| self.quotas.get(place));
        quota.copied().unwrap_or(Quota::per_minute(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_the_number_that_was_read_for_it() {
        let limits = Limits::read(true, |limit| {
            Some(if limit == Limit::Token { 7 } else { 3 })
        });
        let limits = limits.unwrap();
        assert_eq!(limits.quota(Limit::Token), Quota::per_minute(7));
        assert_eq!(limits.quota(Limit::WrongClientProof), Quota::per_minute(3));
        assert_eq!(
            Limits::read(true, |limit| (limit != Limit::Revoke).then_some(1)),
            None
        );
    }

    #[test]
    fn names_follow_the_table() {
        let rule = Limit::WrongPassword.rule();
        assert_eq!(rule.setting, "limits.wrong_password_per_minute");
        assert_eq!(rule.variable, "SIGNET_LIMITS_WRONG_PASSWORD_PER_MINUTE");
        assert_eq!(rule.default_per_minute, "60");
    }
}
