//! Rate limits: which ones exist, what each counts by, and the rule that admits a request.
//!
//! The table in this file is the only place that names a limit. Configuration, metrics and
//! counters follow it. This module must not know where counters are kept.

mod counter_id;
mod gcra;
mod network;

pub use counter_id::CounterId;
pub use gcra::{Quota, Verdict, Window, admit};
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
    /// The known device, if the request comes from one; otherwise the network.
    DeviceOrNetwork,
    /// The known device of the account.
    Device,
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
    /// Only where all replicas count together, so that lifting it there lifts it at once. Another
    /// limit with a shorter window stands in front of it in the process.
    Together,
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
    pub default: &'static str,
    /// The time that the number is for.
    pub window: Window,
    /// What it counts by.
    pub count_by: CountBy,
    /// Where it is counted.
    pub count_at: CountAt,
}

macro_rules! setting {
    (Minute, $name:literal) => {
        concat!("limits.", $name, "_per_minute")
    };
    (Hour, $name:literal) => {
        concat!("limits.", $name, "_per_hour")
    };
    (Day, $name:literal) => {
        concat!("limits.", $name, "_per_day")
    };
}

macro_rules! variable {
    (Minute, $name:literal) => {
        concat!("SIGNET_LIMITS_", $name, "_PER_MINUTE")
    };
    (Hour, $name:literal) => {
        concat!("SIGNET_LIMITS_", $name, "_PER_HOUR")
    };
    (Day, $name:literal) => {
        concat!("SIGNET_LIMITS_", $name, "_PER_DAY")
    };
}

macro_rules! limits {
    ($($(#[$doc:meta])* $limit:ident: $name:literal, $variable:literal, $default:literal / $window:ident, $by:ident, $at:ident;)+) => {
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
                        setting: setting!($window, $name),
                        variable: variable!($window, $variable),
                        default: stringify!($default),
                        window: Window::$window,
                        count_by: CountBy::$by,
                        count_at: CountAt::$at,
                    },)+
                }
            }
        }
    };
}

// A limit is one line here: its name, its variable, requests in a window, what it counts by, where.
limits! {
    /// Registrations of accounts.
    Register: "register", "REGISTER", 60 / Minute, Network, Everywhere;
    /// Sign-ins with a password.
    Login: "login", "LOGIN", 60 / Minute, DeviceOrNetwork, Everywhere;
    /// Refreshes of sessions.
    Refresh: "refresh", "REFRESH", 600 / Minute, Network, EverywhereIfGenuine;
    /// Requests for pages of sign-in by redirect; they have the setting of refreshes.
    Authorize: "refresh", "REFRESH", 600 / Minute, Network, Process;
    /// Requests of programs for tokens.
    Token: "token", "TOKEN", 600 / Minute, Network, EverywhereIfGenuine;
    /// Revocations of tokens by programs; they have the setting of token requests.
    Revoke: "token", "TOKEN", 600 / Minute, Network, EverywhereIfGenuine;
    /// Introspections of tokens by programs.
    Introspect: "introspect", "INTROSPECT", 6000 / Minute, Network, EverywhereIfGenuine;
    /// Changes of an account that ask for its password.
    Password: "password", "PASSWORD", 60 / Minute, Network, Everywhere;
    /// Mail to one address that anybody may ask for.
    Mail: "mail", "MAIL", 5 / Minute, Subject, Everywhere;
    /// Wrong passwords for one account from one network, on every route that checks a password.
    WrongPasswordFromNetwork: "wrong_password_from_network", "WRONG_PASSWORD_FROM_NETWORK", 20 / Minute, NetworkAndSubject, Everywhere;
    /// Wrong passwords for one account from anywhere, on every route that checks a password.
    WrongPassword: "wrong_password", "WRONG_PASSWORD", 60 / Minute, Subject, Everywhere;
    /// The same in an hour.
    WrongPasswordFromNetworkInHour: "wrong_password_from_network", "WRONG_PASSWORD_FROM_NETWORK", 30 / Hour, NetworkAndSubject, Together;
    /// The same in a day.
    WrongPasswordFromNetworkInDay: "wrong_password_from_network", "WRONG_PASSWORD_FROM_NETWORK", 60 / Day, NetworkAndSubject, Together;
    /// Wrong passwords for one account from anywhere in an hour.
    WrongPasswordInHour: "wrong_password", "WRONG_PASSWORD", 120 / Hour, Subject, Together;
    /// The same in a day.
    WrongPasswordInDay: "wrong_password", "WRONG_PASSWORD", 300 / Day, Subject, Together;
    /// Wrong passwords from a known device of the account.
    WrongPasswordFromDevice: "wrong_password_from_device", "WRONG_PASSWORD_FROM_DEVICE", 20 / Minute, Device, Everywhere;
    /// The same in an hour.
    WrongPasswordFromDeviceInHour: "wrong_password_from_device", "WRONG_PASSWORD_FROM_DEVICE", 30 / Hour, Device, Together;
    /// The same in a day.
    WrongPasswordFromDeviceInDay: "wrong_password_from_device", "WRONG_PASSWORD_FROM_DEVICE", 60 / Day, Device, Together;
    /// Mails that tell the owner of an account that it is under attack.
    AttackNotice: "attack_notice", "ATTACK_NOTICE", 1 / Day, Subject, Everywhere;
    /// Failed sign-ins of everybody, beyond which operators are told. Nothing is refused.
    FailedSignIns: "failed_sign_ins", "FAILED_SIGN_INS", 100 / Minute, Subject, Everywhere;
    /// User codes that a network enters for devices, right or wrong.
    UserCode: "user_code", "USER_CODE", 120 / Hour, Network, Everywhere;
    /// The same at one browser.
    UserCodeAtBrowser: "user_code_at_browser", "USER_CODE_AT_BROWSER", 20 / Hour, Subject, Everywhere;
    /// Failed authentications of one client from one network.
    WrongClientProof: "wrong_client_proof", "WRONG_CLIENT_PROOF", 30 / Minute, NetworkAndSubject, Everywhere;
}

/// How many requests each limit admits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Whether there are limits at all. `false` is for load tests.
    pub enabled: bool,
    quotas: Vec<Quota>,
}

impl Limits {
    /// Limits with these numbers, asked for in the order of [`Limit::ALL`]; `None` if a number is
    /// missing.
    pub fn read(enabled: bool, mut number: impl FnMut(Limit) -> Option<u32>) -> Option<Self> {
        let quota = |&limit: &Limit| Some(Quota::per(limit.rule().window, number(limit)?));
        Some(Self {
            enabled,
            quotas: Limit::ALL.iter().map(quota).collect::<Option<_>>()?,
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
        assert_eq!(rule.default, "60");
        let rule = Limit::WrongPasswordInDay.rule();
        assert_eq!(rule.setting, "limits.wrong_password_per_day");
        assert_eq!(rule.variable, "SIGNET_LIMITS_WRONG_PASSWORD_PER_DAY");
    }
}
