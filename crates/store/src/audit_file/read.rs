//! Reads the files of an audit trail in the order of their lines.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use signet_core::audit::{AuditLine, ChainEnd};

use super::{AuditFileError, AuditFileFault};
use crate::private_file::folder_of;

/// A line of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileLine {
    /// The file.
    pub path: PathBuf,
    /// The number of the line in the file, from 1.
    pub number: usize,
    /// The line.
    pub text: String,
}

/// Returns every line of the trail at `path`: those of the full files first, then those of the
/// file itself.
///
/// # Errors
///
/// [`AuditFileError`] when a file cannot be read.
pub fn audit_file_lines(
    path: &Path,
) -> Result<impl Iterator<Item = Result<FileLine, AuditFileError>> + use<>, AuditFileError> {
    let mut files = full_files(path).map_err(unreadable(path))?;
    if path.exists() || files.is_empty() {
        files.push(path.to_owned());
    }
    Ok(files.into_iter().flat_map(lines_of))
}

/// Names the file that cannot be read.
fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> AuditFileError + '_ {
    move |cause| AuditFileError::of(path, AuditFileFault::Io(cause))
}

fn lines_of(path: PathBuf) -> Box<dyn Iterator<Item = Result<FileLine, AuditFileError>>> {
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => return Box::new(std::iter::once(Err(unreadable(&path)(error)))),
    };
    let lines = BufReader::new(file).lines().enumerate();
    Box::new(lines.map(move |(place, text)| {
        Ok(FileLine {
            path: path.clone(),
            number: place + 1,
            text: text.map_err(unreadable(&path))?,
        })
    }))
}

/// The full files of the trail at `path`, the oldest first.
fn full_files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder_of(path))? {
        let entry = entry?;
        let is_full = entry.file_name().to_str().is_some_and(|other| {
            let suffix = other
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('.'));
            suffix.is_some_and(|seq| seq.len() == 20 && seq.bytes().all(|it| it.is_ascii_digit()))
        });
        if is_full {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The end of the chain: the newest line of the file, or of the newest full one if it is empty.
pub(super) fn end_of(path: &Path) -> Result<ChainEnd, AuditFileFault> {
    let mut newest_first = full_files(path)?;
    newest_first.push(path.to_owned());
    for path in newest_first.iter().rev() {
        if let Some(line) = last_line(&File::open(path)?)? {
            let line = AuditLine::read(&line).map_err(AuditFileFault::Damaged)?;
            return Ok(line.end);
        }
    }
    Ok(ChainEnd::START)
}

/// The length of the file up to the end of its last whole line.
pub(super) fn whole_lines(file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    Ok(line_end_before(file, length)?.unwrap_or(0))
}

/// The last line of a file of whole lines.
fn last_line(file: &File) -> io::Result<Option<String>> {
    let length = file.metadata()?.len();
    let Some(end) = line_end_before(file, length)? else {
        return Ok(None);
    };
    let begin = line_end_before(file, end - 1)?.unwrap_or(0);
    let mut file = file;
    file.seek(SeekFrom::Start(begin))?;
    let mut text = String::new();
    file.take(end - begin).read_to_string(&mut text)?;
    Ok(Some(text.trim_end_matches('\n').to_owned()))
}

/// The place after the last line end before `place`.
fn line_end_before(file: &File, place: u64) -> io::Result<Option<u64>> {
    let mut end = place;
    let mut block = [0; BLOCK];
    while end > 0 {
        let begin = end.saturating_sub(BLOCK_BYTES);
        let length = usize::try_from(end - begin).unwrap_or(BLOCK);
        let Some(part) = block.get_mut(..length) else {
            break;
        };
        file.read_exact_at(part, begin)?;
        if let Some(found) = part.iter().rposition(|byte| *byte == b'\n') {
            let found = u64::try_from(found).unwrap_or(u64::MAX);
            return Ok(Some(begin.saturating_add(found).saturating_add(1)));
        }
        end = begin;
    }
    Ok(None)
}

/// How much is read at once on the way back from the end.
const BLOCK: usize = 4_096;
const BLOCK_BYTES: u64 = 4_096;
