//! The rules for sessions that clients get from a browser sign-in: which of them make room for a new
//! one, and where they are seen from.

use std::time::Duration;

use super::record::Session;
use super::{MAX_SESSIONS_PER_ACCOUNT, SeenFrom};
use crate::client::Client;
use crate::names::{BROWSER_CLIENT, ClientId, OPERATOR_CLIENT};

/// How many sessions one client gets from one browser sign-in. Each tab of an app may have its own;
/// a web app that sends people here for every visit soon has many that it no longer uses.
const MAX_SESSIONS_PER_CLIENT_AND_BROWSER: usize = 10;

const WORKING_DAY: Duration = Duration::from_hours(8);

/// Where a cookie signs a person in. The cookie of one place does not count at the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInPlace {
    /// The sign-in pages. Clients get their sessions from this sign-in.
    Pages,
    /// The operator page.
    OperatorPage,
}

impl SignInPlace {
    /// The client of sessions at this place.
    pub fn client_id(self) -> ClientId {
        match self {
            Self::Pages => ClientId::browser(),
            Self::OperatorPage => ClientId::operator_page(),
        }
    }

    /// How long a sign-in lasts at most; `None` if as long as other sessions.
    pub fn longest(self) -> Option<Duration> {
        match self {
            Self::Pages => None,
            Self::OperatorPage => Some(WORKING_DAY),
        }
    }
}

impl Session {
    /// The place at which a cookie of this session signs its owner in; `None` for a session of a
    /// client.
    pub fn sign_in_place(&self) -> Option<SignInPlace> {
        match self.grant.client_id.as_str() {
            BROWSER_CLIENT => Some(SignInPlace::Pages),
            OPERATOR_CLIENT => Some(SignInPlace::OperatorPage),
            _ => None,
        }
    }

    /// Whether it is a browser sign-in, from which clients get sessions.
    pub fn is_browser_sign_in(&self) -> bool {
        self.sign_in_place() == Some(SignInPlace::Pages)
    }

    /// The sessions among `living` that end before this one begins, the least recently used first:
    ///
    /// - those that its client got from the same browser sign-in, beyond the newest
    ///   [`MAX_SESSIONS_PER_CLIENT_AND_BROWSER`] with this one;
    /// - then any, if the account still has too many. Sign-ins at the pages and at the operator page go
    ///   last, and the one that this session came from never does.
    pub fn displaces(&self, mut living: Vec<Self>) -> Vec<Self> {
        living.sort_by_key(|session| {
            (
                session.sign_in_place().is_some(),
                session.rotation.rotated_at,
            )
        });
        let is_sibling = |other: &Self| {
            self.browser.is_some()
                && other.browser == self.browser
                && other.grant.client_id == self.grant.client_id
        };
        let siblings = living.iter().filter(|other| is_sibling(other)).count();
        let mut surplus = (siblings + 1).saturating_sub(MAX_SESSIONS_PER_CLIENT_AND_BROWSER);
        let mut displaced = Vec::new();
        let mut kept = Vec::new();
        for session in living {
            if surplus > 0 && is_sibling(&session) {
                surplus -= 1;
                displaced.push(session);
            } else {
                kept.push(session);
            }
        }
        let too_many = (kept.len() + 1).saturating_sub(MAX_SESSIONS_PER_ACCOUNT);
        let is_own = |other: &Self| other.is_browser_sign_in() && other.browser == self.browser;
        let further = kept.into_iter().filter(|other| !is_own(other));
        displaced.extend(further.take(too_many));
        displaced
    }

    /// Where the owner is when `client` refreshes this session from `origin`. A client with a secret
    /// refreshes from its server, while the person stays at the browser.
    pub fn seen_at_refresh(&self, client: &Client, origin: SeenFrom) -> SeenFrom {
        if self.browser.is_some() && !client.is_public() {
            return self.refreshed_from.clone();
        }
        origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SessionId;
    use crate::session::fixture;
    use signet_verifier::Timestamp;

    const WIKI: &str = "wiki";

    /// A session that was used last at this second, of the browser with this number.
    fn session(client_id: &str, browser: Option<u8>, second: u8) -> Session {
        let now = Timestamp::from_seconds(u64::from(second));
        let mut session = fixture::session(client_id.parse().unwrap(), second, now);
        session.browser = browser.map(|number| SessionId::from_bytes([number; 16]));
        session
    }

    fn displaced(new: &Session, living: Vec<Session>) -> Vec<u64> {
        let displaced = new.displaces(living);
        let seconds = displaced
            .iter()
            .map(|gone| gone.rotation.rotated_at.as_seconds());
        seconds.collect()
    }

    #[test]
    fn a_cookie_signs_in_at_one_place() {
        for place in [SignInPlace::Pages, SignInPlace::OperatorPage] {
            let session = session(place.client_id().as_str(), None, 1);
            assert_eq!(session.sign_in_place(), Some(place));
            assert_eq!(session.is_browser_sign_in(), place == SignInPlace::Pages);
        }
        assert_eq!(session(WIKI, None, 1).sign_in_place(), None);
    }

    #[test]
    fn the_eleventh_session_of_a_client_and_a_browser_displaces_the_least_recently_used() {
        let new = session(WIKI, Some(1), 200);
        let mut living: Vec<_> = (10..19)
            .map(|second| session(WIKI, Some(1), second))
            .collect();
        living.push(session("blog", Some(1), 1));
        living.push(session(WIKI, Some(2), 2));
        living.push(session(WIKI, None, 3));
        assert_eq!(displaced(&new, living.clone()), Vec::<u64>::new());
        living.push(session(WIKI, Some(1), 9));
        living.push(session(WIKI, Some(1), 30));
        assert_eq!(displaced(&new, living), [9, 10]);
    }

    #[test]
    fn a_full_account_loses_other_sessions_before_browser_sign_ins() {
        let new = session(WIKI, Some(1), 200);
        let mut living = vec![session(BROWSER_CLIENT, Some(1), 1)];
        living.push(session(OPERATOR_CLIENT, None, 2));
        living.extend((3..100).map(|second| session("signet", None, second)));
        assert_eq!(displaced(&new, living.clone()), Vec::<u64>::new());
        living.push(session("signet", None, 150));
        assert_eq!(displaced(&new, living), [3]);
        let sign_ins = (2..102).map(|number| session(BROWSER_CLIENT, Some(number), number));
        let mut living: Vec<_> = sign_ins.collect();
        living.push(session(BROWSER_CLIENT, Some(1), 1));
        assert_eq!(displaced(&new, living), [2, 3]);
    }
}
