//! What the deny list promises.

use std::slice::from_ref;
use std::time::Duration;

use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::names::ClientId;
use signet_store::{Denied, TokenFacts};
use signet_verifier::Timestamp;

use crate::given::{NOW, Place, account_id, after, session_id};

pub(crate) async fn a_token_is_denied_until_its_time(place: &Place) {
    let client = client("reports");
    let facts = machine_token(&client);
    assert!(!is_denied(place, facts, NOW).await);
    deny(place, &token(facts.id), after(10)).await;
    let just_before = after(10).saturating_sub(Duration::from_millis(1));
    assert!(is_denied(place, facts, just_before).await);
    assert!(!is_denied(place, facts, after(10)).await);
    let id = TokenId::from_bytes([8; 16]);
    assert!(!is_denied(place, TokenFacts { id, ..facts }, NOW).await);
}

pub(crate) async fn a_session_is_denied_for_its_own_account_only(place: &Place) {
    let client = client("signet");
    let facts = session_token(&client);
    let denied = Denied::Session {
        account_id: account_id(1),
        id: session_id(1),
    };
    deny(place, &denied, after(10)).await;
    assert!(is_denied(place, facts, NOW).await);
    for (account, session) in [(Some(2), Some(1)), (Some(1), Some(2)), (Some(1), None)] {
        let other = TokenFacts {
            account_id: account.map(account_id),
            session_id: session.map(session_id),
            ..facts
        };
        assert!(!is_denied(place, other, NOW).await, "{other:?}");
    }
}

pub(crate) async fn a_client_and_an_account_are_denied_up_to_an_issue_time(place: &Place) {
    let (client, other_client) = (client("reports"), client("report"));
    let denials = [
        Denied::Client {
            id: client.clone(),
            issued_until: after(5),
        },
        Denied::Account {
            id: account_id(1),
            issued_until: after(5),
        },
    ];
    for denied in denials {
        deny(place, &denied, after(100)).await;
    }
    for facts in [machine_token(&client), session_token(&other_client)] {
        let issued = |issued_at| TokenFacts { issued_at, ..facts };
        assert!(is_denied(place, issued(after(5)), NOW).await);
        let later = after(5).saturating_add(Duration::from_millis(1));
        assert!(!is_denied(place, issued(later), NOW).await);
        assert!(!is_denied(place, issued(NOW), after(100)).await);
    }
    assert!(!is_denied(place, machine_token(&other_client), NOW).await);
}

pub(crate) async fn every_client_that_a_token_names_is_looked_up(place: &Place) {
    for position in 0..7 {
        let names: Vec<_> = (0..7)
            .map(|other| client(&format!("{position}:{other}")))
            .collect();
        let facts = TokenFacts {
            clients: &names,
            ..session_token(names.first().unwrap())
        };
        assert!(!is_denied(place, facts, NOW).await);
        let denied = Denied::Client {
            id: names.get(position).unwrap().clone(),
            issued_until: after(5),
        };
        deny(place, &denied, after(10)).await;
        assert!(is_denied(place, facts, NOW).await, "{position}");
        let issued_at = after(6);
        assert!(!is_denied(place, TokenFacts { issued_at, ..facts }, NOW).await);
    }
}

pub(crate) async fn a_denial_is_never_shortened(place: &Place) {
    let client = client("reports");
    let facts = machine_token(&client);
    for seconds in [10, 5] {
        deny(place, &token(facts.id), after(seconds)).await;
        let id = client.clone();
        let issued_until = after(seconds);
        let denied = Denied::Client { id, issued_until };
        deny(place, &denied, after(seconds)).await;
    }
    assert!(is_denied(place, facts, after(9)).await);
    let id = TokenId::from_bytes([8; 16]);
    let issued_at = after(10);
    assert!(
        is_denied(
            place,
            TokenFacts {
                id,
                issued_at,
                ..facts
            },
            after(9)
        )
        .await
    );
    deny(place, &token(facts.id), after(20)).await;
    assert!(is_denied(place, facts, after(19)).await);
}

pub(crate) async fn kinds_of_denials_are_kept_apart(place: &Place) {
    // Sixteen bytes that are a token, an account and a client at once.
    let bytes = *b"abcdefghijklmnop";
    let client = client("abcdefghijklmnop");
    let facts = TokenFacts {
        account_id: Some(AccountId::from_bytes(bytes)),
        session_id: Some(SessionId::from_bytes(bytes)),
        clients: from_ref(&client),
        id: TokenId::from_bytes([0; 16]),
        issued_at: NOW,
    };
    deny(place, &token(TokenId::from_bytes(bytes)), after(10)).await;
    assert!(!is_denied(place, facts, NOW).await);
    let issued_until = NOW;
    let id = AccountId::from_bytes(bytes);
    deny(place, &Denied::Account { id, issued_until }, after(10)).await;
    let account_id = None;
    assert!(
        !is_denied(
            place,
            TokenFacts {
                account_id,
                ..facts
            },
            NOW
        )
        .await
    );
    assert!(is_denied(place, facts, NOW).await);
}

pub(crate) async fn purged_denials_are_those_past_their_time(place: &Place) {
    let client = client("reports");
    let facts = machine_token(&client);
    let short = TokenId::from_bytes([8; 16]);
    deny(place, &token(facts.id), after(20)).await;
    deny(place, &token(short), after(10)).await;
    let deny_list = &place.first.deny_list;
    let just_before = after(10).saturating_sub(Duration::from_millis(1));
    assert_eq!(deny_list.purge(just_before, 10).await.unwrap(), 0);
    let _removed = deny_list.purge(after(10), 10).await.unwrap();
    assert!(is_denied(place, facts, after(19)).await);
    // A purged entry can be made again.
    deny(place, &token(short), after(30)).await;
    assert!(is_denied(place, TokenFacts { id: short, ..facts }, after(29)).await);
}

async fn deny(place: &Place, denied: &Denied, until: Timestamp) {
    place.first.deny_list.deny(denied, until).await.unwrap();
}

async fn is_denied(place: &Place, token: TokenFacts<'_>, now: Timestamp) -> bool {
    place.second.deny_list.is_denied(token, now).await.unwrap()
}

/// The denial of one token.
fn token(id: TokenId) -> Denied {
    Denied::Token { id, status: None }
}

fn client(id: &str) -> ClientId {
    id.parse().unwrap()
}

fn machine_token(client_id: &ClientId) -> TokenFacts<'_> {
    TokenFacts {
        account_id: None,
        session_id: None,
        clients: from_ref(client_id),
        id: TokenId::from_bytes([9; 16]),
        issued_at: NOW,
    }
}

fn session_token(client_id: &ClientId) -> TokenFacts<'_> {
    TokenFacts {
        account_id: Some(account_id(1)),
        session_id: Some(session_id(1)),
        ..machine_token(client_id)
    }
}
