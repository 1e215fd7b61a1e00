//! Signals for a server and its workers, which are processes with groups of their own.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// Sends `signal` to the server and to its workers.
pub(crate) fn signal(server: Pid, signal: Signal) {
    // Listed twice: a server that is gone has no children, and one that still runs may make
    // workers until the signal is there.
    let mut workers = children_of(server);
    kill_process(server, signal).expect("a server");
    workers.extend(children_of(server));
    for worker in workers {
        // A worker may have ended since it was listed.
        let _gone = kill_process(worker, signal);
    }
}

fn children_of(parent: Pid) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").expect("a list of processes");
    let numbers = processes.flatten().filter_map(|entry| {
        let number: i32 = entry.file_name().to_str()?.parse().ok()?;
        (parent_of(number)? == parent.as_raw_nonzero().get()).then_some(number)
    });
    numbers.filter_map(Pid::from_raw).collect()
}

/// The fourth field of `/proc/PID/stat`; the second, a name in parentheses, may hold anything.
fn parent_of(number: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(1)?.parse().ok()
}
