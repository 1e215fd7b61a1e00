//! A server that forgets its scripts.

use signet_store::Swapped;
use signet_test_servers::Redis;

use crate::given::{Place, session, successor};

#[tokio::test]
async fn a_flush_of_all_scripts_is_not_noticed() {
    let place = Place::open(Some(Redis::start())).await;
    let redis = place.redis.as_ref().unwrap();
    let mut current = session(1, 0);
    place.begin(&current).await;
    for round in 1..=20 {
        assert_eq!(redis.cli(&["SCRIPT", "FLUSH"]), "OK");
        let next = successor(&current, round);
        let swapped = place.handle(1).sessions.swap(&next).await.unwrap();
        assert_eq!(swapped, Swapped::Done);
        assert_eq!(place.find(1).await, Some(next.clone()));
        current = next;
    }
    assert_eq!(redis.cli(&["SCRIPT", "FLUSH"]), "OK");
    assert_eq!(place.list().await, [1]);
}
