//! Some backends decide inside a script or a statement what the core crate has a rule for. They
//! must decide the same.

use std::time::Duration;

use signet_core::account::{AccountStatus, Epoch, KeptSession, Standing};
use signet_core::session::Session;

use crate::given::{
    DENIED_UNTIL, Place, account_id, after, at_epoch, ending_before, keeping, session, session_id,
};

pub(crate) async fn an_ending_leaves_the_sessions_that_the_account_admits(place: &Place) {
    let keep = |since| (1..=5).map(move |number| Some(keeping(number, since)));
    for kept in [1, 3].into_iter().flat_map(keep).chain([None]) {
        for number in NUMBERS {
            let begun = at_epoch(session(number, 0), epoch_of(number).number());
            place.begin(&begun).await;
        }
        end_before(place, BEFORE, kept).await;
        let mut left = place.list().await;
        left.sort_unstable();
        assert_eq!(left, admitted(kept), "{kept:?}");
        end_before(place, Epoch::END, None).await;
    }
}

pub(crate) async fn the_limit_ends_the_oldest_sessions_that_have_not_expired(place: &Place) {
    let begun = after(5);
    for limit in 1..=5 {
        let mut earlier: Vec<_> = (1..=4).map(|number| short(number, limit)).collect();
        for session in &earlier {
            place.begin(session).await;
        }
        let mut newest = session(5, 5);
        newest.account_id = account_id(limit);
        let sessions = &place.first.sessions;
        let created = sessions.create(&newest, limit.into(), DENIED_UNTIL);
        created.await.unwrap();
        earlier.retain(|session| !session.lifetime.has_expired(begun));
        let ended = (earlier.len() + 1).saturating_sub(limit.into());
        for (index, session) in earlier.iter().enumerate() {
            assert_eq!(place.is_denied(session).await, index < ended, "{limit}");
        }
        assert!(!place.is_denied(&newest).await);
    }
}

/// Which sessions may still be refreshed, as the core crate says.
fn admitted(kept: Option<KeptSession>) -> Vec<u8> {
    let standing = Standing {
        status: AccountStatus::Active,
        epoch: BEFORE,
        kept,
    };
    NUMBERS
        .filter(|number| standing.admits(session_id(*number), epoch_of(*number)))
        .collect()
}

fn epoch_of(number: u8) -> Epoch {
    Epoch::from_number(u32::from(number) - 1)
}

async fn end_before(place: &Place, before: Epoch, kept: Option<KeptSession>) {
    let ending = ending_before(before, kept);
    let ended = place.first.sessions.end_before(ending, DENIED_UNTIL).await;
    ended.unwrap();
}

/// A session of another account that begins in second `number` and expires three seconds later.
fn short(number: u8, account: u8) -> Session {
    let mut session = session(number, number.into());
    session.account_id = account_id(account);
    let begun = session.lifetime.created_at;
    session.lifetime.idle_expires_at = begun.saturating_add(Duration::from_secs(3));
    session
}

/// The sessions of a case; each was begun at an epoch of its own.
const NUMBERS: std::ops::RangeInclusive<u8> = 1..=5;

/// The epoch of the account after the ending: that of the last session.
const BEFORE: Epoch = Epoch::from_number(4);
