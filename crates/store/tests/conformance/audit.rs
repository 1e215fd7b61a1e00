//! What the audit trail in the database promises.

use std::collections::BTreeMap;

use futures::future::join_all;
use signet_core::audit::{
    ActorKind, AuditActor, AuditEvent, AuditLine, AuditTime, ChainCheck, ChainEnd, Outcome, VERSION,
};
use signet_store::{AuditEnds, AuditFilter, AuditRow, AuditTable};

use crate::given::{Place, after};

/// An event of this type about account `account`, `seconds` after the beginning.
fn event(kind: &str, account: Option<&str>, seconds: u64) -> AuditEvent {
    AuditEvent {
        version: VERSION,
        time: AuditTime(after(seconds)),
        kind: kind.to_owned(),
        actor: AuditActor {
            kind: ActorKind::Anonymous,
            id: None,
        },
        account: account.map(str::to_owned),
        session: None,
        client: None,
        address: None,
        user_agent: Some("curl/8 \"quoted\" \u{e4}".to_owned()),
        request_id: None,
        outcome: Outcome::Success,
        reason: None,
        details: BTreeMap::new(),
    }
}

async fn append(place: &Place, turn: usize, events: &[AuditEvent]) {
    place.handle(turn).audit.append(events).await.unwrap();
}

async fn all(table: &dyn AuditTable) -> Vec<AuditRow> {
    let filter = AuditFilter::default();
    table.lines(&filter, 0, 1_000).await.unwrap()
}

/// The numbers of the lines, each of which must follow the one before, from `start` to the end.
async fn intact(place: &Place) -> Vec<u64> {
    let table = place.second.audit.as_ref();
    let ends = table.ends().await.unwrap();
    let mut check = ChainCheck::after(ends.purged);
    let rows = all(table).await;
    for row in &rows {
        let line = AuditLine::read(&row.line).unwrap();
        check.accept(&line).unwrap();
        assert_eq!(row.seq, line.end.seq);
        assert_eq!(
            (&row.kind, &row.account),
            (&line.event.kind, &line.event.account)
        );
    }
    assert_eq!(check.end(), Some(ends.newest));
    rows.iter().map(|row| row.seq).collect()
}

pub(crate) async fn events_of_several_processes_are_one_chain(place: &Place) {
    let empty = place.first.audit.ends().await.unwrap();
    let (purged, newest) = (ChainEnd::START, ChainEnd::START);
    assert_eq!(empty, AuditEnds { purged, newest });
    let began = event("session.begun", Some("ada"), 0);
    append(
        place,
        0,
        &[event("account.registered", Some("ada"), 0), began.clone()],
    )
    .await;
    append(place, 1, &[event("sign_in.failed", None, 1)]).await;
    append(place, 0, &[event("session.ended", Some("ada"), 2)]).await;
    assert_eq!(intact(place).await, [1, 2, 3, 4]);
    let rows = all(place.first.audit.as_ref()).await;
    let second = rows.get(1).unwrap();
    assert_eq!(AuditLine::read(&second.line).unwrap().event, began);
}

pub(crate) async fn lines_are_found_by_type_by_account_and_by_number(place: &Place) {
    let kinds = ["session.begun", "session.ended"].into_iter().cycle();
    let accounts = ["ada", "bob", "eve"].into_iter().cycle();
    for (number, (kind, account)) in kinds.zip(accounts).take(6).enumerate() {
        append(place, number, &[event(kind, Some(account), 0)]).await;
    }
    let numbers = async |kind: Option<&str>, account: Option<&str>, after, limit| {
        let filter = AuditFilter {
            kind: kind.map(str::to_owned),
            account: account.map(str::to_owned),
        };
        let rows = place.second.audit.lines(&filter, after, limit).await;
        let rows = rows.unwrap();
        rows.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(numbers(None, None, 0, 4).await, [1, 2, 3, 4]);
    assert_eq!(numbers(None, None, 4, 4).await, [5, 6]);
    assert_eq!(numbers(Some("session.begun"), None, 0, 9).await, [1, 3, 5]);
    assert_eq!(numbers(None, Some("bob"), 2, 9).await, [5]);
    assert_eq!(numbers(Some("session.ended"), Some("ada"), 0, 9).await, [4]);
    assert_eq!(numbers(Some("session"), None, 0, 9).await, [0; 0]);
    assert_eq!(numbers(None, None, u64::MAX, 9).await, [0; 0]);
}

pub(crate) async fn of_fifty_appends_each_has_its_own_numbers(place: &Place) {
    let appends = (0..50).map(|turn| {
        let table = place.handle(turn).audit;
        async move {
            let events = [
                event("session.begun", None, 0),
                event("session.ended", None, 0),
            ];
            table.append(&events).await.unwrap();
        }
    });
    join_all(appends).await;
    assert_eq!(intact(place).await, (1..=100).collect::<Vec<_>>());
    let rows = all(place.first.audit.as_ref()).await;
    let kinds: Vec<_> = rows.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["session.begun", "session.ended"].repeat(50));
}

pub(crate) async fn purged_lines_are_the_oldest_and_the_rest_stays_a_chain(place: &Place) {
    // The clock of one process was behind when it wrote the fourth line.
    for (number, seconds) in [10, 20, 30, 5, 40].into_iter().enumerate() {
        append(place, number, &[event("session.begun", None, seconds)]).await;
    }
    let table = &place.first.audit;
    assert_eq!(table.purge_lines(after(10), 100).await.unwrap(), 0);
    assert_eq!(table.purge_lines(after(30), 1).await.unwrap(), 1);
    assert_eq!(intact(place).await, [2, 3, 4, 5]);
    assert_eq!(table.purge_lines(after(30), 100).await.unwrap(), 1);
    assert_eq!(intact(place).await, [3, 4, 5]);
    assert_eq!(table.purge_lines(after(31), 100).await.unwrap(), 2);
    assert_eq!(table.purge_lines(after(1_000), 100).await.unwrap(), 1);
    assert_eq!(intact(place).await, [0; 0]);
    append(place, 1, &[event("session.ended", None, 50)]).await;
    assert_eq!(intact(place).await, [6]);
}
