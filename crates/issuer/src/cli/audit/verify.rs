//! `signet audit verify`: follows the chain from its first line to its newest.

use std::error::Error;

use serde::Serialize;
use signet_core::audit::{ChainCheck, ChainEnd};
use signet_store::AuditFilter;

use super::trail::{Lines, Table, Trail};
use crate::cli::{CommandResult, answer};

/// Checks every line, and that the line `known` is still there.
pub(super) fn verify(trail: &Trail, known: Option<ChainEnd>, json: bool) -> CommandResult {
    let checked = match trail {
        Trail::Files(_) => {
            let lines = trail.lines(&AuditFilter::default())?;
            follow(ChainCheck::default(), lines, known)?
        }
        Trail::Table(table) => verify_table(table, known)?,
    };
    let newest = checked.check.end().filter(|end| *end != ChainEnd::START);
    let text = match (checked.first, newest) {
        (Some(first), Some(end)) => format!(
            "{} lines are intact, from number {first} on; the newest is {end}",
            checked.count
        ),
        (None, Some(end)) => format!("every line was purged; the newest was {end}"),
        (_, None) => "there are no lines".to_owned(),
    };
    let document = Intact {
        lines: checked.count,
        first: checked.first,
        newest: newest.map(|end| end.to_string()),
    };
    answer(json, &document, text)
}

/// A chain without gaps, for programs.
#[derive(Serialize)]
struct Intact {
    lines: u64,
    first: Option<u64>,
    /// Number and hash, for `--known`.
    newest: Option<String>,
}

/// What was followed.
struct Checked {
    check: ChainCheck,
    first: Option<u64>,
    count: u64,
}

/// The table says where its chain begins and ends.
fn verify_table(table: &Table, known: Option<ChainEnd>) -> Result<Checked, Box<dyn Error>> {
    loop {
        let ends = table.ends()?;
        let begin = || ChainCheck::after(ends.purged);
        let lines = || table.lines(AuditFilter::default(), ends.purged.seq);
        let checked = follow(begin(), lines(), known).and_then(|checked| {
            let newest = checked.check.end().map_or(0, |end| end.seq);
            if newest < ends.newest.seq {
                return Err(CUT_OFF.into());
            }
            Ok(checked)
        });
        // Lines that are purged while they are checked seem to be missing.
        if checked.is_ok() || table.ends()?.purged == ends.purged {
            return checked;
        }
    }
}

fn follow(
    mut check: ChainCheck,
    lines: Lines<'_>,
    known: Option<ChainEnd>,
) -> Result<Checked, Box<dyn Error>> {
    let mut is_known = known.is_none() || known == check.end();
    let (mut first, mut count) = (None, 0);
    for line in lines {
        let end = line?.accept(&mut check)?;
        first = first.or(Some(end.seq));
        is_known |= known == Some(end);
        count += 1;
    }
    if !is_known {
        return Err(UNKNOWN.into());
    }
    Ok(Checked {
        check,
        first,
        count,
    })
}

const UNKNOWN: &str = "the known line is not in this trail: it was removed, replaced, or deleted \
                       after its retention";
const CUT_OFF: &str = "the newest lines are missing: they were removed";
