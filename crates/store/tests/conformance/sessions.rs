//! What sessions promise.

use signet_store::{Swapped, TokenFacts};

use crate::given::{DENIED_UNTIL, MANY, NOW, Place, account_id, session, session_id, successor};

pub(crate) async fn a_session_is_found_as_it_was_stored(place: &Place) {
    let begun = session(1, 0);
    place
        .first
        .sessions
        .create(&begun, MANY, DENIED_UNTIL)
        .await
        .unwrap();
    let sessions = &place.second.sessions;
    let found = sessions
        .find(account_id(1), session_id(1), NOW)
        .await
        .unwrap();
    assert_eq!(found, Some(begun));
    let absent = sessions
        .find(account_id(1), session_id(2), NOW)
        .await
        .unwrap();
    assert_eq!(absent, None);
    let foreign = sessions
        .find(account_id(2), session_id(1), NOW)
        .await
        .unwrap();
    assert_eq!(foreign, None);
}

pub(crate) async fn a_swap_replaces_its_predecessor_only(place: &Place) {
    let sessions = &place.first.sessions;
    let begun = session(1, 0);
    sessions.create(&begun, MANY, DENIED_UNTIL).await.unwrap();
    let next = successor(&begun, 1);
    assert_eq!(sessions.swap(&next).await.unwrap(), Swapped::Done);
    assert_eq!(sessions.swap(&next).await.unwrap(), Swapped::Lost);
    let far = successor(&successor(&next, 2), 3);
    assert_eq!(sessions.swap(&far).await.unwrap(), Swapped::Lost);
    let found = sessions
        .find(account_id(1), session_id(1), NOW)
        .await
        .unwrap();
    assert_eq!(found, Some(next));
}

pub(crate) async fn an_ended_session_is_gone_and_its_tokens_denied(place: &Place) {
    let sessions = &place.first.sessions;
    let begun = session(1, 0);
    sessions.create(&begun, MANY, DENIED_UNTIL).await.unwrap();
    let (account, id) = (account_id(1), session_id(1));
    assert!(sessions.end(account, id, DENIED_UNTIL).await.unwrap());
    assert!(!sessions.end(account, id, DENIED_UNTIL).await.unwrap());
    let next = successor(&begun, 1);
    assert_eq!(sessions.swap(&next).await.unwrap(), Swapped::Lost);
    assert_eq!(sessions.find(account, id, NOW).await.unwrap(), None);
    let token = TokenFacts {
        account_id: Some(account),
        session_id: Some(id),
        client_id: &begun.grant.client_id,
        id: signet_core::ids::TokenId::from_bytes([9; 16]),
        issued_at: NOW,
    };
    let deny_list = &place.second.deny_list;
    assert!(deny_list.is_denied(token, NOW).await.unwrap());
    assert!(!deny_list.is_denied(token, DENIED_UNTIL).await.unwrap());
}
