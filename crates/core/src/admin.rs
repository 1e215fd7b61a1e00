//! The scopes of the administration API, and which of them open a request. A person has the scopes
//! that the roles of the account name.
//!
//! This module must not know any route.

use std::fmt;
use std::str::FromStr;

use crate::names::{ADMIN_SCOPE, Role};

/// A scope that opens requests to `/admin`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdminScope {
    /// Opens every request.
    Everything,
    /// Opens every request that reads.
    Read,
    /// Opens every request about accounts and their sessions.
    Accounts,
    /// Opens every request about clients. A client that may have one of these scopes itself is
    /// changed only with [`AdminScope::Everything`].
    Clients,
    /// Opens every request about keys.
    Keys,
}

impl AdminScope {
    /// Every scope, the widest first.
    pub(crate) const ALL: [Self; 5] = [
        Self::Everything,
        Self::Read,
        Self::Accounts,
        Self::Clients,
        Self::Keys,
    ];

    /// Returns the scope as tokens name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everything => ADMIN_SCOPE,
            Self::Read => "signet:admin:read",
            Self::Accounts => "signet:admin:accounts",
            Self::Clients => "signet:admin:clients",
            Self::Keys => "signet:admin:keys",
        }
    }

    /// Returns the scopes that an account with these roles has on the operator page: those with
    /// the names of its roles.
    pub fn of_roles(roles: &[Role]) -> Vec<Self> {
        let named = roles.iter().map(|role| role.as_str().parse());
        named.filter_map(Result::ok).collect()
    }
}

impl fmt::Display for AdminScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AdminScope {
    type Err = UnknownAdminScope;

    fn from_str(text: &str) -> Result<Self, UnknownAdminScope> {
        let mut all = Self::ALL.into_iter();
        all.find(|scope| scope.as_str() == text)
            .ok_or(UnknownAdminScope)
    }
}

/// The text is no scope of the administration API.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the scope must be one of {}", AdminScope::ALL.map(AdminScope::as_str).join(", "))]
pub struct UnknownAdminScope;

/// What a request to `/admin` is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdminArea {
    /// Accounts and their sessions.
    Accounts,
    /// Clients.
    Clients,
    /// The key ring.
    Keys,
    /// The audit trail, which is about all of them.
    Events,
}

/// What a request to `/admin` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdminAccess {
    /// It reads.
    Read(AdminArea),
    /// It changes something.
    Change(AdminArea),
}

impl AdminAccess {
    /// Returns the scopes that open the request, the narrowest first. A token needs one of them.
    pub fn opened_by(self) -> impl Iterator<Item = AdminScope> {
        let (reads, area) = match self {
            Self::Read(area) => (true, area),
            Self::Change(area) => (false, area),
        };
        let of_area = match area {
            AdminArea::Accounts => Some(AdminScope::Accounts),
            AdminArea::Clients => Some(AdminScope::Clients),
            AdminArea::Keys => Some(AdminScope::Keys),
            AdminArea::Events => None,
        };
        let read = reads.then_some(AdminScope::Read);
        let narrower = read.into_iter().chain(of_area);
        narrower.chain([AdminScope::Everything])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Scope;

    #[test]
    fn every_scope_is_one_that_tokens_can_have_and_is_read_back() {
        for scope in AdminScope::ALL {
            assert!(scope.as_str().parse::<Scope>().is_ok());
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        assert!("signet:admin:everything".parse::<AdminScope>().is_err());
    }

    #[test]
    fn a_role_with_the_name_of_a_scope_gives_it() {
        let roles = ["editor", "signet:admin:read", "signet:admin:other"];
        let roles = roles.map(|role| role.parse::<Role>().unwrap());
        assert_eq!(AdminScope::of_roles(&roles), [AdminScope::Read]);
        let administers: Vec<_> = roles.iter().map(Role::administers).collect();
        assert_eq!(administers, [false, true, true]);
        for scope in AdminScope::ALL {
            let role: Role = scope.as_str().parse().unwrap();
            assert!(role.administers());
            assert_eq!(AdminScope::of_roles(&[role]), [scope]);
        }
    }

    #[test]
    fn reading_is_opened_by_read_and_by_the_scope_of_the_area_and_changing_by_the_latter() {
        let opened = |access: AdminAccess| access.opened_by().collect::<Vec<_>>();
        assert_eq!(
            opened(AdminAccess::Read(AdminArea::Clients)),
            [
                AdminScope::Read,
                AdminScope::Clients,
                AdminScope::Everything
            ]
        );
        assert_eq!(
            opened(AdminAccess::Change(AdminArea::Accounts)),
            [AdminScope::Accounts, AdminScope::Everything]
        );
        assert_eq!(
            opened(AdminAccess::Read(AdminArea::Events)),
            [AdminScope::Read, AdminScope::Everything]
        );
    }
}
