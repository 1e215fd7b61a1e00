//! How hashing threads step back behind the threads that serve requests.

/// Lowers the priority of the calling thread, number `index` of its pool.
///
/// The first thread steps back less than the others. Beside one busy thread of normal priority it
/// still gets a tenth of a core, so sign-ins go on, slowly, under any load of other requests; the
/// others use only idle time. Where the system refuses, hashing still works.
#[cfg(target_os = "linux")]
pub(super) fn lower(index: usize) {
    let niceness = if index == 0 { FIRST } else { OTHERS };
    // Without a process id, Linux takes the calling thread.
    if let Err(error) = rustix::process::setpriority_process(None, niceness) {
        tracing::warn!(%error, "a hashing thread runs at normal priority");
    }
}

/// Elsewhere priorities belong to the whole process, so nothing is lowered.
#[cfg(not(target_os = "linux"))]
pub(super) fn lower(_index: usize) {}

/// Weight 110 against 1,024 for a thread of normal priority.
#[cfg(target_os = "linux")]
const FIRST: i32 = 10;
/// Weight 15: the lowest there is without another scheduling class.
#[cfg(target_os = "linux")]
const OTHERS: i32 = 19;
