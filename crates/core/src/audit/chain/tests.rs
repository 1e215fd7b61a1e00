//! What a chain shows of removed, moved and changed lines.

use std::collections::BTreeMap;

use signet_verifier::Timestamp;

use super::super::event::{ActorKind, AuditActor, AuditTime, Outcome, VERSION};
use super::*;

fn event(kind: &str) -> AuditEvent {
    AuditEvent {
        version: VERSION,
        time: AuditTime(Timestamp::from_millis(1_800_000_000_123)),
        kind: kind.to_owned(),
        actor: AuditActor {
            kind: ActorKind::Anonymous,
            id: None,
        },
        account: None,
        session: None,
        client: None,
        address: "2001:db8::1".parse().ok(),
        user_agent: Some("a \"b\" \\ \u{1f980}".to_owned()),
        request_id: None,
        outcome: Outcome::Failure,
        reason: None,
        details: BTreeMap::from([("left".to_owned(), 3.into())]),
    }
}

fn lines(count: usize) -> (Vec<String>, ChainEnd) {
    let mut end = ChainEnd::START;
    let mut lines = Vec::new();
    for number in 0..count {
        let (line, next) = end.line(&event(&format!("event.{number}"))).unwrap();
        lines.push(line);
        end = next;
    }
    (lines, end)
}

fn check(lines: &[String]) -> Result<Option<ChainEnd>, BrokenLine> {
    let mut check = ChainCheck::default();
    for line in lines {
        check.accept(&AuditLine::read(line)?)?;
    }
    Ok(check.end())
}

#[test]
fn a_line_is_json_with_every_member_and_is_read_back() {
    let (lines, end) = lines(1);
    let value: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(value["hash"], end.hash.to_string());
    assert_eq!(value["prev"], "0".repeat(64));
    assert_eq!(value["seq"], 1);
    assert_eq!(value["type"], "event.0");
    assert_eq!(value["time"], "2027-01-15T08:00:00.123Z");
    assert_eq!(value["account"], serde_json::Value::Null);
    assert_eq!(value.as_object().unwrap().len(), 16);
    let read = AuditLine::read(&lines[0]).unwrap();
    assert_eq!(read.event, event("event.0"));
    assert_eq!(read.end, end);
    assert_eq!(end.to_string().parse(), Ok(end));
}

#[test]
fn a_whole_chain_is_accepted_also_without_its_beginning() {
    let (lines, end) = lines(5);
    assert_eq!(check(&lines), Ok(Some(end)));
    assert_eq!(check(&lines[2..]), Ok(Some(end)));
    assert_eq!(check(&[]), Ok(None));
}

#[test]
fn every_removed_line_but_the_first_and_last_ones_shows() {
    for removed in 1..4 {
        let (mut lines, _) = lines(5);
        lines.remove(removed);
        let expected = u64::try_from(removed).unwrap() + 1;
        let found = expected + 1;
        assert_eq!(check(&lines), Err(BrokenLine::Missing { expected, found }));
    }
}

#[test]
fn a_moved_line_shows() {
    let (mut lines, _) = lines(3);
    lines.swap(1, 2);
    assert!(matches!(check(&lines), Err(BrokenLine::Missing { .. })));
}

#[test]
fn every_changed_byte_shows() {
    let (lines, _) = lines(2);
    for place in 0..lines[1].len() {
        let mut bytes = lines[1].clone().into_bytes();
        bytes[place] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        assert!(check(&[lines[0].clone(), changed]).is_err(), "{place}");
    }
}

#[test]
fn a_line_that_was_written_anew_shows_at_the_next() {
    let (mut lines, _) = lines(3);
    let first = AuditLine::read(&lines[0]).unwrap();
    lines[1] = first.end.line(&event("nothing.happened")).unwrap().0;
    assert_eq!(check(&lines), Err(BrokenLine::Replaced));
}

#[test]
fn removed_last_lines_show_to_who_knows_the_end() {
    let (lines, end) = lines(3);
    assert_ne!(check(&lines[..2]), Ok(Some(end)));
    let mut after = ChainCheck::after(AuditLine::read(&lines[0]).unwrap().end);
    let third = AuditLine::read(&lines[2]).unwrap();
    assert!(after.accept(&third).is_err());
}
