//! What revocation lists promise: no bit is leased twice, and every ending sets its bits.

use std::collections::HashSet;
use std::time::Duration;

use futures::future::join_all;
use signet_core::account::Epoch;
use signet_core::ids::TokenId;
use signet_core::session::Session;
use signet_core::status_list::{
    BLOCK_BITS, BitRange, LIST_BITS, ListId, StatusChanges, StatusIndex, StatusList,
};
use signet_store::{Denied, LeasedBlock, StatusCursor, StatusHolder, Stores};
use signet_verifier::Timestamp;

use crate::given::{
    DENIED_UNTIL, NOW, Place, account_id, after, at_epoch, ending_before, keeping, session,
    session_id, successor,
};

pub(crate) async fn blocks_come_from_one_list_while_it_takes_tokens(place: &Place) {
    let first = lease(&place.first, "a", 1, NOW).await;
    assert_eq!(
        first,
        LeasedBlock {
            list: list(1, NOW),
            first: 0
        }
    );
    let second = lease(&place.second, "b", 2, after(TTL - 1)).await;
    assert_eq!((second.list, second.first), (list(1, NOW), BLOCK_BITS));
    let third = lease(&place.first, "a", 3, after(TTL)).await;
    assert_eq!((third.list, third.first), (list(3, after(TTL)), 0));
    let read = changes(&place.second, after(TTL)).await;
    assert_eq!(sorted(read.lists), [list(1, NOW), list(3, after(TTL))]);
    let expired = list(1, NOW).expires_at;
    let read = changes(&place.second, expired).await;
    assert_eq!(read.lists, [list(3, after(TTL))]);
}

pub(crate) async fn a_full_list_is_followed_by_another(place: &Place) {
    let blocks = LIST_BITS / BLOCK_BITS;
    let mut last = lease(&place.first, "a", 1, NOW).await;
    for chunk in (1..blocks).collect::<Vec<_>>().chunks(89) {
        let leases = chunk.iter().map(|_| lease(&place.first, "a", 2, NOW));
        for leased in join_all(leases).await {
            assert_eq!(leased.list, list(1, NOW));
            last = if leased.first > last.first {
                leased
            } else {
                last
            };
        }
    }
    assert_eq!(last.first, LIST_BITS - BLOCK_BITS);
    let next = lease(&place.second, "a", 2, NOW).await;
    assert_eq!((next.list, next.first), (list(2, NOW), 0));
}

pub(crate) async fn of_fifty_leases_at_once_each_has_its_own_bits(place: &Place) {
    let leases = (0..50_u8).map(|turn| async move {
        let stores = place.handle(turn.into());
        lease(&stores, "a", turn + 1, NOW).await
    });
    let given = join_all(leases).await;
    let lists: HashSet<_> = given.iter().map(|block| block.list.id).collect();
    assert_eq!(lists.len(), 1);
    let blocks: HashSet<_> = given.iter().map(|block| block.first).collect();
    assert_eq!(blocks.len(), 50);
}

pub(crate) async fn an_ended_session_sets_its_bits(place: &Place) {
    let list = lease(&place.first, "a", 1, NOW).await.list;
    let begun = with_bits(session(1, 0), &[index(list, 7)]);
    place.begin(&begun).await;
    let next = with_bits(successor(&begun, 1), &[index(list, 9)]);
    place.second.sessions.swap(&next).await.unwrap();
    attach(place, index(list, 11), session_holder(1)).await;
    assert_eq!(set(&place.first).await, []);
    for _ in 0..2 {
        let sessions = &place.first.sessions;
        let ended = sessions.end(account_id(1), session_id(1), DENIED_UNTIL);
        ended.await.unwrap();
        assert_eq!(set(&place.second).await, bits(list, &[7, 9, 11]));
    }
}

pub(crate) async fn a_session_without_bits_sets_none(place: &Place) {
    lease(&place.first, "a", 1, NOW).await;
    place.begin(&session(1, 0)).await;
    let sessions = &place.first.sessions;
    let ended = sessions.end(account_id(1), session_id(1), DENIED_UNTIL);
    assert!(ended.await.unwrap());
    assert_eq!(set(&place.second).await, []);
}

pub(crate) async fn ending_earlier_epochs_sets_the_bits_of_what_ends(place: &Place) {
    let list = lease(&place.first, "a", 1, NOW).await.list;
    for number in 1..=3 {
        let begun = with_bits(session(number, 0), &[index(list, number.into())]);
        place.begin(&at_epoch(begun, 4)).await;
        let other = index(list, 100 + u32::from(number));
        attach(place, other, session_holder(number)).await;
    }
    let kept = Some(keeping(2, 4));
    let ending = ending_before(Epoch::from_number(6), kept);
    let ended = place.first.sessions.end_before(ending, DENIED_UNTIL).await;
    assert_eq!(ended.unwrap(), 2);
    assert_eq!(set(&place.second).await, bits(list, &[1, 3, 101, 103]));
}

pub(crate) async fn sessions_beyond_the_limit_set_their_bits(place: &Place) {
    let list = lease(&place.first, "a", 1, NOW).await.list;
    for number in 1..=3 {
        let seconds = number.into();
        let begun = with_bits(session(number, seconds), &[index(list, number.into())]);
        let sessions = &place.first.sessions;
        sessions.create(&begun, 1, DENIED_UNTIL).await.unwrap();
    }
    assert_eq!(set(&place.second).await, bits(list, &[1, 2]));
}

pub(crate) async fn a_denied_account_sets_the_bits_of_its_sessions_and_tokens(place: &Place) {
    let list = lease(&place.first, "a", 1, NOW).await.list;
    for number in 1..=2 {
        let begun = with_bits(session(number, 0), &[index(list, number.into())]);
        place.begin(&begun).await;
    }
    let mut foreign = with_bits(session(3, 0), &[index(list, 3)]);
    foreign.account_id = account_id(2);
    place.begin(&foreign).await;
    attach(place, index(list, 11), StatusHolder::Account(account_id(1))).await;
    let id = account_id(1);
    let denied = Denied::Account {
        id,
        issued_until: NOW,
    };
    deny(place, &denied).await;
    assert_eq!(set(&place.second).await, bits(list, &[1, 2, 11]));
    assert_eq!(place.list().await.len(), 2);
}

pub(crate) async fn a_denied_client_sets_the_bits_of_its_blocks_and_tokens(place: &Place) {
    let a = lease(&place.first, "a", 1, NOW).await;
    let b = lease(&place.second, "b", 2, NOW).await;
    let index_of_b = index(b.list, b.first + 3);
    attach(
        place,
        index_of_b,
        StatusHolder::Client("a".parse().unwrap()),
    )
    .await;
    deny(place, &client_a()).await;
    let mut expected: Vec<_> = (a.first..a.first + BLOCK_BITS).collect();
    expected.push(index_of_b.index);
    assert_eq!(set(&place.second).await, bits(a.list, &expected));
    // A block that it leases afterwards is good until the next denial.
    let next = lease(&place.first, "a", 3, NOW).await;
    assert_eq!(set(&place.second).await, bits(a.list, &expected));
    deny(place, &client_a()).await;
    expected.extend(next.first..next.first + BLOCK_BITS);
    expected.sort_unstable();
    assert_eq!(set(&place.second).await, bits(a.list, &expected));
}

pub(crate) async fn a_denied_token_sets_its_bit(place: &Place) {
    let list = lease(&place.first, "a", 1, NOW).await.list;
    let status = Some(index(list, 5));
    let id = TokenId::from_bytes([5; 16]);
    deny(place, &Denied::Token { id, status }).await;
    let id = TokenId::from_bytes([6; 16]);
    deny(place, &Denied::Token { id, status: None }).await;
    assert_eq!(set(&place.second).await, bits(list, &[5]));
}

pub(crate) async fn a_holder_keeps_its_bits_while_others_expire(place: &Place) {
    let holder = StatusHolder::Client("a".parse().unwrap());
    let mut last = list(1, NOW);
    for turn in 0..20_u8 {
        let at = after(u64::from(turn) * TTL);
        last = lease(&place.first, "b", turn + 1, at).await.list;
        for number in 0..3 {
            let lists = &place.first.status_lists;
            let holders = std::slice::from_ref(&holder);
            lists
                .attach(index(last, 1_000 + number), holders, at)
                .await
                .unwrap();
        }
    }
    deny(place, &client_a()).await;
    let read = changes(&place.second, after(19 * TTL)).await;
    let of_last = read.revoked.iter().filter(|range| range.list == last.id);
    let mut found: Vec<_> = of_last.map(|range| range.first).collect();
    found.sort_unstable();
    assert_eq!(found, [1_000, 1_001, 1_002]);
}

pub(crate) async fn a_reader_continues_where_it_stopped(place: &Place) {
    let list = lease(&place.first, "a", 1, NOW).await.list;
    let mut cursor = StatusCursor::default();
    for number in 1..=3 {
        let id = TokenId::from_bytes([number; 16]);
        let status = Some(index(list, number.into()));
        deny(place, &Denied::Token { id, status }).await;
        let lists = &place.second.status_lists;
        let (read, next) = lists.changes(&cursor, NOW).await.unwrap();
        assert_eq!(read.revoked, [index(list, number.into()).range()]);
        cursor = next;
    }
    let lists = &place.second.status_lists;
    let (read, _) = lists.changes(&cursor, NOW).await.unwrap();
    assert_eq!(read.revoked, []);
    assert_eq!(set(&place.second).await, bits(list, &[1, 2, 3]));
}

pub(crate) async fn after_a_restore_every_earlier_list_is_revoked(place: &Place) {
    let before = lease(&place.first, "a", 1, NOW).await.list;
    for backend in &place.first.backends {
        backend.end_everything(after(5)).await.unwrap();
    }
    let next = lease(&place.second, "a", 2, after(5)).await;
    assert_eq!((next.list.id, next.first), (ListId::from_bytes([2; 8]), 0));
    let read = changes(&place.first, after(6)).await;
    assert!(before.opened_at <= read.refused_until);
    assert!(next.list.opened_at > read.refused_until);
}

pub(crate) async fn a_caller_that_knows_of_a_loss_gets_a_later_list(place: &Place) {
    lease(&place.first, "a", 1, NOW).await;
    let lists = &place.second.status_lists;
    let client = "a".parse().unwrap();
    let leased = lists.lease(&client, list(2, after(1)), (after(1), after(1)));
    let leased = leased.await.unwrap();
    assert_eq!(
        (leased.list.id, leased.first),
        (ListId::from_bytes([2; 8]), 0)
    );
    assert!(leased.list.opened_at > after(1));
}

pub(crate) async fn purged_bits_are_those_of_lists_past_their_time(place: &Place) {
    let old = lease(&place.first, "a", 1, NOW).await.list;
    let current = lease(&place.first, "a", 2, after(TTL)).await.list;
    deny(place, &client_a()).await;
    while place
        .first
        .status_lists
        .purge(old.expires_at, 1)
        .await
        .unwrap()
        > 0
    {}
    let read = changes(&place.second, old.expires_at).await;
    assert_eq!(read.lists, [current]);
    let revoked = read.revoked.iter().filter(|range| range.list == current.id);
    assert_eq!(revoked.count(), 1);
}

async fn lease(stores: &Stores, client: &str, id: u8, now: Timestamp) -> LeasedBlock {
    let client = client.parse().unwrap();
    let times = (now, Timestamp::default());
    let leased = stores.status_lists.lease(&client, list(id, now), times);
    leased.await.unwrap()
}

async fn attach(place: &Place, index: StatusIndex, holder: StatusHolder) {
    let lists = &place.first.status_lists;
    lists.attach(index, &[holder], NOW).await.unwrap();
}

async fn deny(place: &Place, denied: &Denied) {
    let deny_list = &place.first.deny_list;
    deny_list.deny(denied, DENIED_UNTIL).await.unwrap();
}

/// The denial of the client `a`.
fn client_a() -> Denied {
    Denied::Client {
        id: "a".parse().unwrap(),
        issued_until: NOW,
    }
}

async fn changes(stores: &Stores, now: Timestamp) -> StatusChanges {
    let cursor = StatusCursor::default();
    stores.status_lists.changes(&cursor, now).await.unwrap().0
}

/// Every bit that is set, in order, as a new reader finds it.
async fn set(stores: &Stores) -> Vec<(ListId, u32)> {
    let revoked = changes(stores, NOW).await.revoked;
    let bit = |range: BitRange| {
        let last = range.first + range.count;
        (range.first..last).map(move |bit| (range.list, bit))
    };
    let mut bits: Vec<_> = revoked.into_iter().flat_map(bit).collect();
    bits.sort_unstable();
    bits.dedup();
    bits
}

fn bits(list: StatusList, indices: &[u32]) -> Vec<(ListId, u32)> {
    indices.iter().map(|index| (list.id, *index)).collect()
}

fn list(id: u8, opened_at: Timestamp) -> StatusList {
    StatusList::opening(
        ListId::from_bytes([id; 8]),
        opened_at,
        Duration::from_secs(TTL),
    )
}

fn index(list: StatusList, index: u32) -> StatusIndex {
    StatusIndex {
        list: list.id,
        index,
        expires_at: list.expires_at,
    }
}

fn with_bits(mut session: Session, bits: &[StatusIndex]) -> Session {
    session.status.extend_from_slice(bits);
    session
}

fn session_holder(number: u8) -> StatusHolder {
    StatusHolder::Session {
        account_id: account_id(1),
        id: session_id(number),
    }
}

fn sorted(mut lists: Vec<StatusList>) -> Vec<StatusList> {
    lists.sort_by_key(|list| list.opened_at);
    lists
}

/// The longest access token, in seconds.
const TTL: u64 = 900;
