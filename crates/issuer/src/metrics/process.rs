//! What the process uses, under the names that Prometheus client libraries have in common.
//!
//! Nothing in the program changes these values, so they are read from `/proc` when they are asked for.

use metrics::{counter, describe_counter, describe_gauge, gauge};

/// Describes each of them.
pub(super) fn describe() {
    describe_counter!(CPU, "Processor time of all threads, in whole seconds");
    describe_gauge!(RESIDENT, "Memory in use, with the pages of the program");
    describe_gauge!(THREADS, "Threads");
    describe_gauge!(STARTED, "Start of the process, seconds since 1970");
    describe_gauge!(OPEN_FILES, "Open files and connections");
    describe_gauge!(MOST_FILES, "How many files and connections may be open");
}

/// Reads them now. What the system does not tell keeps its last value.
#[cfg(target_os = "linux")]
pub(super) fn read() {
    // A container may hide /proc. The other metrics do not depend on it.
    let _hidden = read_all();
}

#[cfg(target_os = "linux")]
fn read_all() -> procfs::ProcResult<()> {
    use procfs::process::{LimitValue, Process};

    let process = Process::myself()?;
    let stat = process.stat()?;
    let ticks = procfs::ticks_per_second();
    counter!(CPU).absolute((stat.utime + stat.stime) / ticks);
    set(RESIDENT, stat.rss.saturating_mul(procfs::page_size()));
    set(THREADS, stat.num_threads.unsigned_abs());
    set(STARTED, procfs::boot_time_secs()? + stat.starttime / ticks);
    set(
        OPEN_FILES,
        process.fd_count()?.try_into().unwrap_or(u64::MAX),
    );
    if let LimitValue::Value(most) = process.limits()?.max_open_files.soft_limit {
        set(MOST_FILES, most);
    }
    Ok(())
}

/// Elsewhere there is no `/proc`.
#[cfg(not(target_os = "linux"))]
pub(super) fn read() {}

#[cfg(target_os = "linux")]
#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float, exact up to 2^53"
)]
fn set(name: &'static str, value: u64) {
    gauge!(name).set(value as f64);
}

const CPU: &str = "process_cpu_seconds_total";
const RESIDENT: &str = "process_resident_memory_bytes";
const THREADS: &str = "process_threads";
const STARTED: &str = "process_start_time_seconds";
const OPEN_FILES: &str = "process_open_fds";
const MOST_FILES: &str = "process_max_fds";
