//! What the process uses, under the names that Prometheus client libraries have in common.
//!
//! Nothing in the program changes these values, so they are read from `/proc` when they are asked for.

use metrics::{counter, gauge};

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
    counter!("process_cpu_seconds_total").absolute((stat.utime + stat.stime) / ticks);
    set(
        "process_resident_memory_bytes",
        stat.rss.saturating_mul(procfs::page_size()),
    );
    set("process_threads", stat.num_threads.unsigned_abs());
    set(
        "process_start_time_seconds",
        procfs::boot_time_secs()? + stat.starttime / ticks,
    );
    set(
        "process_open_fds",
        process.fd_count()?.try_into().unwrap_or(u64::MAX),
    );
    if let LimitValue::Value(most) = process.limits()?.max_open_files.soft_limit {
        set("process_max_fds", most);
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
