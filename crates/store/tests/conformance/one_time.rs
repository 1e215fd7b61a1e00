//! What values that are used once promise.

use futures::future::join_all;
use signet_store::Claimed;

use crate::given::{NOW, Place, after};

pub(crate) async fn a_value_is_claimed_once(place: &Place) {
    let until = after(60);
    for (value, expected) in [
        ([1; 32], Claimed::First),
        ([1; 32], Claimed::Again),
        ([2; 32], Claimed::First),
        ([2; 32], Claimed::Again),
    ] {
        let values = &place.second.one_time_values;
        assert_eq!(values.claim(&value, until, NOW).await.unwrap(), expected);
    }
    let values = &place.first.one_time_values;
    let again = values.claim(&[1; 32], until, after(59)).await.unwrap();
    assert_eq!(again, Claimed::Again);
}

pub(crate) async fn of_fifty_claims_one_comes_first(place: &Place) {
    let claims = (0..50).map(|turn| async move {
        let values = place.handle(turn).one_time_values;
        values.claim(&[3; 32], after(60), NOW).await.unwrap()
    });
    let claimed = join_all(claims).await;
    let first = claimed.iter().filter(|claimed| **claimed == Claimed::First);
    assert_eq!(first.count(), 1);
}

pub(crate) async fn purged_values_are_those_past_their_time(place: &Place) {
    let values = &place.first.one_time_values;
    values.claim(&[1; 32], after(60), NOW).await.unwrap();
    values.claim(&[2; 32], after(61), NOW).await.unwrap();
    values.purge(after(60), 10).await.unwrap();
    let again = values.claim(&[2; 32], after(61), after(60)).await.unwrap();
    assert_eq!(again, Claimed::Again);
}
