//! Counts the instructions of the operations that most requests consist of, and compares them with
//! the counts in `counts.json`: `make instructions`.
//!
//! Callgrind counts them, so other programs on the machine change nothing. The build is a debug
//! build: it shows added work, such as another copy, but not what a release build makes of it. A
//! count depends on the compiler, and on what callgrind offers as a processor: AVX2 at most.

#![expect(clippy::unwrap_used, reason = "a bench that fails may end")]
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

mod operations;
mod served;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use operations::OPERATIONS;

/// The instructions of each operation.
type Counts = BTreeMap<String, u64>;

fn main() -> ExitCode {
    // Cargo adds this one.
    let arguments = std::env::args().skip(1).filter(|text| text != "--bench");
    let arguments: Vec<_> = arguments.collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [PERFORM, name, times, folder] => {
            operations::perform(name, times.parse().unwrap(), Path::new(folder));
            ExitCode::SUCCESS
        }
        [WRITE] => {
            let text = serde_json::to_string_pretty(&measure()).unwrap();
            std::fs::write(kept_path(), text + "\n").unwrap();
            ExitCode::SUCCESS
        }
        _ => compare(&measure()),
    }
}

/// Counts every operation.
fn measure() -> Counts {
    let folder = tempfile::tempdir().unwrap();
    served::prepare(folder.path());
    let counts = OPERATIONS.iter().map(|(name, repeats, _)| {
        let few = instructions(name, FEW, folder.path());
        let many = instructions(name, FEW + repeats, folder.path());
        ((*name).to_owned(), (many - few) / u64::from(*repeats))
    });
    counts.collect()
}

/// The instructions of a process that performs an operation this many times.
fn instructions(name: &str, times: u32, folder: &Path) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args([PERFORM, name, &times.to_string()])
        .arg(folder)
        .output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
    let line = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    line.and_then(|(_, count)| count.trim().parse().ok())
        .unwrap()
}

/// Prints the counts beside the kept ones. Fails if one differs too much.
fn compare(counted: &Counts) -> ExitCode {
    let text = std::fs::read_to_string(kept_path()).unwrap();
    let kept: Counts = serde_json::from_str(&text).unwrap();
    let mut differ = kept.keys().ne(counted.keys());
    println!("| operation | instructions | kept | difference |");
    println!("|---|--:|--:|--:|");
    for (name, &count) in counted {
        let kept = kept.get(name).copied().unwrap_or_default();
        let tolerated = kept * TOLERANCE_PERCENT / 100;
        let differs = count.abs_diff(kept) > tolerated;
        differ |= differs;
        let percent = 100.0 * (precise(count) / precise(kept) - 1.0);
        let mark = if differs { " DIFFERS" } else { "" };
        println!("| {name} | {count} | {kept} | {percent:+.1} %{mark} |");
    }
    if differ {
        println!("A count differs by more than {TOLERANCE_PERCENT} %. Find out why.");
        println!("If the change is intended, run make instructions WRITE=1, and commit the file.");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn precise(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn kept_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions/counts.json")
}

/// The argument of the processes that callgrind runs.
const PERFORM: &str = "--perform";
/// The argument that keeps the new counts.
const WRITE: &str = "--write";
const TOLERANCE_PERCENT: u64 = 3;
/// What only the start of a process takes is in both of its counts, and not in their difference.
const FEW: u32 = 10;
