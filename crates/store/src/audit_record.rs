//! The columns of the audit trail, as every database stores them.
//!
//! This module must not know any database.

use signet_core::audit::{AuditEvent, AuditLine, ChainEnd};

use crate::audit::AuditRow;
use crate::columns::millis;
use crate::error::ImpossibleRow;

/// A line to be stored, with its columns.
pub(crate) struct NewRow {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) account: Option<String>,
    pub(crate) line: String,
}

/// The rows of `events` after the end of a chain, and its end after them.
pub(crate) fn rows_after(
    mut end: ChainEnd,
    events: &[AuditEvent],
) -> Result<(Vec<NewRow>, ChainEnd), ImpossibleRow> {
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        let (line, next) = end.line(event).map_err(|_| UNWRITABLE)?;
        end = next;
        rows.push(NewRow {
            seq: number(end.seq)?,
            at: millis(event.time.0),
            kind: event.kind.clone(),
            account: event.account.clone(),
            line,
        });
    }
    Ok((rows, end))
}

/// A number of a line as a column.
pub(crate) fn number(seq: u64) -> Result<i64, ImpossibleRow> {
    i64::try_from(seq).map_err(|_| ImpossibleRow("a line number out of range"))
}

/// The number behind which lines are listed. No line has a number that does not fit.
pub(crate) fn after_number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// The end of a chain with these columns.
pub(crate) fn read_end(seq: i64, hash: &str) -> Result<ChainEnd, ImpossibleRow> {
    Ok(ChainEnd {
        seq: read_number(seq)?,
        hash: hash
            .parse()
            .map_err(|_| ImpossibleRow("a malformed hash of a line"))?,
    })
}

/// The row with these columns.
pub(crate) fn read_row(
    seq: i64,
    kind: String,
    account: Option<String>,
    line: String,
) -> Result<AuditRow, ImpossibleRow> {
    Ok(AuditRow {
        seq: read_number(seq)?,
        kind,
        account,
        line,
    })
}

/// The newest of these lines, oldest first, that lies before `before` together with all lines
/// before it. Returns how many lines that are, too.
pub(crate) fn purged(
    oldest: &[(i64, String)],
    before: i64,
) -> Result<Option<(usize, ChainEnd)>, ImpossibleRow> {
    let older = oldest.iter().take_while(|(at, _)| *at < before).count();
    let Some((_, line)) = older.checked_sub(1).and_then(|place| oldest.get(place)) else {
        return Ok(None);
    };
    let line = AuditLine::read(line).map_err(|_| ImpossibleRow("a changed line"))?;
    Ok(Some((older, line.end)))
}

fn read_number(seq: i64) -> Result<u64, ImpossibleRow> {
    u64::try_from(seq).map_err(|_| ImpossibleRow("a line number out of range"))
}

const UNWRITABLE: ImpossibleRow = ImpossibleRow("an event after the year 9999");
