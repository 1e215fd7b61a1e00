//! How hashing threads step back behind the threads that serve requests.

/// Lowers the priority of the calling thread, number `index` of its pool.
///
/// The first thread steps back less than the others. Beside one busy thread of normal priority it
/// still gets a tenth of a core, so sign-ins go on, slowly, under any load of other requests; the
/// others use only idle time. Where the system refuses, hashing still works.
#[cfg(target_os = "linux")]
pub(super) fn lower(index: usize) {
    let niceness = if index == 0 { FIRST } else { OTHERS };
    if shorten_slices(niceness).is_ok() {
        return;
    }
    // Without a process id, Linux takes the calling thread.
    if let Err(error) = rustix::process::setpriority_process(None, niceness) {
        tracing::warn!(%error, "a hashing thread runs at normal priority");
    }
}

/// Elsewhere priorities belong to the whole process, so nothing is lowered.
#[cfg(not(target_os = "linux"))]
pub(super) fn lower(_index: usize) {}

/// Gives the calling thread this niceness and short slices of time.
///
/// Since Linux 6.6 a thread that wakes up can wait until the slice of the running thread ends. A slice
/// lasts 3 ms by default, also for a thread with a high niceness. A commit of SQLite wakes up several
/// threads, one after the other. So under a flood of sign-ins a refresh would wait for several slices
/// of hashing. Older kernels ignore the length of a slice.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no crate offers this system call without it")]
fn shorten_slices(niceness: i32) -> std::io::Result<()> {
    let size = size_of::<libc::sched_attr>();
    let attributes = libc::sched_attr {
        size: u32::try_from(size).map_err(std::io::Error::other)?,
        sched_policy: libc::SCHED_OTHER.cast_unsigned(),
        sched_flags: 0,
        sched_nice: niceness,
        sched_priority: 0,
        sched_runtime: SLICE.as_nanos().try_into().map_err(std::io::Error::other)?,
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: the kernel reads `size` bytes of `attributes`, which lives until the call returns, and
    // keeps no pointer. 0 is the calling thread.
    let refused = unsafe {
        libc::syscall(
            libc::SYS_sched_setattr,
            0,
            std::ptr::from_ref(&attributes),
            0,
        )
    };
    match refused {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// Weight 110 against 1,024 for a thread of normal priority.
#[cfg(target_os = "linux")]
const FIRST: i32 = 10;
/// Weight 15: the lowest there is without another scheduling class.
#[cfg(target_os = "linux")]
const OTHERS: i32 = 19;
/// The shortest slice that Linux grants.
#[cfg(target_os = "linux")]
const SLICE: std::time::Duration = std::time::Duration::from_micros(100);
