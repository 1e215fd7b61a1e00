//! The audit trail that a command reads: files, or the table of the database.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use signet_core::audit::{AuditLine, ChainCheck, ChainEnd};
use signet_store::{
    AuditEnds, AuditFilter, AuditRow, AuditTable, audit_file_lines, open_audit_table,
};
use tokio::runtime::Runtime;

use crate::cli::missing_database::missing_database;
use crate::cli::place::existing_database;
use crate::cli::{Common, background_runtime};

/// Which trail a command reads.
#[derive(Args, Debug)]
pub(in crate::cli) struct AuditPlace {
    /// Read this file [default: the table if `audit.table` is true, else `audit.file`]
    #[arg(long, value_name = "FILE", conflicts_with = "table")]
    file: Option<PathBuf>,
    /// Read the table of the database
    #[arg(long)]
    table: bool,
}

/// A trail, opened.
pub(super) enum Trail {
    /// Files.
    Files(PathBuf),
    /// The table of the database.
    Table(Table),
}

/// The table of the database.
pub(super) struct Table {
    table: Arc<dyn AuditTable>,
    runtime: Runtime,
}

/// A line of a trail.
pub(super) struct TrailLine {
    /// The file and the number in it, or the number in the database.
    pub(super) place: String,
    /// The line as it is stored.
    pub(super) text: String,
    /// The columns of the database, which searches use.
    pub(super) row: Option<AuditRow>,
}

/// The lines of a trail, or why they cannot be read.
pub(super) type Lines<'t> = Box<dyn Iterator<Item = Result<TrailLine, Box<dyn Error>>> + 't>;

impl Trail {
    /// Opens the trail that the flags or the settings name.
    pub(super) fn open(place: AuditPlace, common: &Common) -> Result<Self, Box<dyn Error>> {
        if let Some(file) = place.file {
            return Ok(Self::Files(file));
        }
        let settings = common.load(Vec::new())?.settings;
        if place.table || settings.audit.table.is_some() {
            let urls = existing_database(&settings)?;
            let runtime = background_runtime()?;
            let table = runtime.block_on(open_audit_table(&urls, missing_database(&settings)))?;
            return Ok(Self::Table(Table { table, runtime }));
        }
        let file = settings.audit.file.ok_or(NO_TRAIL)?;
        Ok(Self::Files(file.path))
    }

    /// Returns the lines that `filter` admits, the oldest first. Files have no index: the caller
    /// filters their lines.
    pub(super) fn lines(&self, filter: &AuditFilter) -> Result<Lines<'_>, Box<dyn Error>> {
        match self {
            Self::Files(path) => files(path),
            Self::Table(table) => Ok(table.lines(filter.clone(), 0)),
        }
    }

    /// Returns at most `count` of the newest lines, and perhaps some before them.
    pub(super) fn newest(&self, count: usize) -> Result<Lines<'_>, Box<dyn Error>> {
        match self {
            Self::Files(path) => files(path),
            Self::Table(table) => {
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                let after = table.ends()?.newest.seq.saturating_sub(count);
                Ok(table.lines(AuditFilter::default(), after))
            }
        }
    }
}

impl Table {
    /// Where the chain begins and ends.
    pub(super) fn ends(&self) -> Result<AuditEnds, Box<dyn Error>> {
        Ok(self.runtime.block_on(self.table.ends())?)
    }

    /// The lines behind number `after`, read a page at a time.
    pub(super) fn lines(&self, filter: AuditFilter, after: u64) -> Lines<'_> {
        let mut last = Some(after);
        let pages = std::iter::from_fn(move || {
            let read = self.table.lines(&filter, last?, PAGE);
            let page = self.runtime.block_on(read);
            last = match &page {
                Ok(rows) => rows.last().map(|row| row.seq),
                Err(_) => None,
            };
            Some(page)
        });
        let pages = pages.take_while(|page| page.as_ref().map_or(true, |rows| !rows.is_empty()));
        Box::new(pages.flat_map(|page| match page {
            Ok(rows) => rows.into_iter().map(|row| Ok(row.into())).collect(),
            Err(error) => vec![Err(error.into())],
        }))
    }
}

impl From<AuditRow> for TrailLine {
    fn from(row: AuditRow) -> Self {
        Self {
            place: format!("line {} of the database", row.seq),
            text: row.line.clone(),
            row: Some(row),
        }
    }
}

impl TrailLine {
    /// Reads the line and checks its hash, and that its columns say the same.
    pub(super) fn read(&self) -> Result<AuditLine, String> {
        let line = AuditLine::read(&self.text).map_err(|error| self.at(&error))?;
        let (end, event) = (line.end, &line.event);
        match &self.row {
            Some(row)
                if (row.seq, &row.kind, &row.account) != (end.seq, &event.kind, &event.account) =>
            {
                Err(self.at(&COLUMNS_CHANGED))
            }
            _ => Ok(line),
        }
    }

    /// Accepts the line as the next one of the chain.
    pub(super) fn accept(&self, check: &mut ChainCheck) -> Result<ChainEnd, String> {
        let line = self.read()?;
        check.accept(&line).map_err(|error| self.at(&error))?;
        Ok(line.end)
    }

    fn at(&self, error: &dyn std::fmt::Display) -> String {
        format!("{}: {error}", self.place)
    }
}

fn files(path: &Path) -> Result<Lines<'static>, Box<dyn Error>> {
    let lines = audit_file_lines(path)?;
    Ok(Box::new(lines.map(|line| {
        let line = line?;
        Ok(TrailLine {
            place: format!("{}:{}", line.path.display(), line.number),
            text: line.text,
            row: None,
        })
    })))
}

const NO_TRAIL: &str = "neither audit.file nor audit.table is set; set one of them (SIGNET_AUDIT_FILE, \
                        SIGNET_AUDIT_TABLE), or name a file with --file";
const COLUMNS_CHANGED: &str = "the columns were changed: they differ from the line";
/// How many lines are read at once.
const PAGE: u32 = 500;
