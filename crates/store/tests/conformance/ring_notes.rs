//! What notes of key rings promise.

use futures::future::join_all;
use signet_core::keys::NewestRing;

use crate::given::{Place, after};

fn seen(generation: u64, seconds: u64) -> NewestRing {
    NewestRing {
        generation,
        seen_at: after(seconds),
    }
}

pub(crate) async fn the_newest_generation_stands_with_its_first_time(place: &Place) {
    let notes = [
        (seen(3, 10), seen(3, 10)),
        (seen(3, 20), seen(3, 10)),
        (seen(2, 30), seen(3, 10)),
        (seen(300, 40), seen(300, 40)),
        (seen(299, 50), seen(300, 40)),
    ];
    for (turn, (note, newest)) in notes.into_iter().enumerate() {
        let notes = place.handle(turn).ring_notes;
        assert_eq!(notes.note("a", note).await.unwrap(), newest);
    }
}

pub(crate) async fn rings_are_kept_apart(place: &Place) {
    let notes = &place.first.ring_notes;
    notes.note("a", seen(9, 0)).await.unwrap();
    assert_eq!(notes.note("b", seen(1, 1)).await.unwrap(), seen(1, 1));
}

pub(crate) async fn of_fifty_notes_at_once_the_newest_stands(place: &Place) {
    let notes = (1..=50).map(|generation| async move {
        let turn = usize::try_from(generation).unwrap();
        let notes = place.handle(turn).ring_notes;
        notes.note("a", seen(generation, generation)).await.unwrap()
    });
    for (newest, own) in join_all(notes).await.into_iter().zip(1..) {
        assert!(newest.generation >= own);
    }
    let notes = &place.second.ring_notes;
    assert_eq!(notes.note("a", seen(1, 99)).await.unwrap(), seen(50, 50));
}
