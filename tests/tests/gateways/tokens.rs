//! The tokens: what each configuration makes of them, good ones in several shapes and hostile ones.

mod cases;

use signet_tests::RawReply;

use crate::rig::Rig;
use crate::table;
pub use cases::all;

/// Shows every token to a gateway.
pub async fn check(name: &str) {
    let rig = Rig::start(name).await;
    let mut seen = Vec::new();
    for case in all(&rig).await {
        let (reply, received) = rig.send(&case.line, &case.headers);
        let reply = reply.unwrap_or_else(|| panic!("{}: no answer", case.name));
        assert_eq!(reply.status == 200, !received.is_empty(), "{}", case.name);
        // If a claim comes twice, it is undefined which one counts.
        if reply.status == 200 && case.name != "claim-twice" {
            let subject = received[0].identity();
            let subject = subject.iter().find(|(name, _)| name == "x-auth-subject");
            assert_eq!(
                subject.map(|(_, value)| *value),
                Some(case.subject.as_str()),
                "{}",
                case.name
            );
        }
        check_challenge(case.name, &reply);
        seen.push((case.name.to_owned(), reply.status.to_string()));
    }
    table::compare(TABLE, name, &seen);
}

/// A client can do something about a 401 or a 403 only if it is told what.
#[track_caller]
pub fn check_challenge(case: &str, reply: &RawReply) {
    if matches!(reply.status, 401 | 403) {
        let challenges = reply.header("www-authenticate");
        assert_eq!(challenges.len(), 1, "{case}: {reply:?}");
        assert!(challenges[0].starts_with("Bearer"), "{case}: {reply:?}");
    }
}

pub const TABLE: &str = include_str!("tokens.txt");
