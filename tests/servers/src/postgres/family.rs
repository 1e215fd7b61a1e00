//! Signals for a server and its workers, which are processes with groups of their own.

use std::fs;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

/// Sends `signal` to the server and to its workers, and returns the workers.
pub(crate) fn signal(server: Pid, signal: Signal) -> Vec<Pid> {
    // Listed twice: a server that is gone has no children, and one that still runs may make
    // workers until the signal is there.
    let mut workers = children_of(server);
    kill_process(server, signal).expect("a server");
    workers.extend(children_of(server));
    for worker in &workers {
        // A worker may have ended since it was listed.
        let _gone = kill_process(*worker, signal);
    }
    workers
}

/// Waits until workers that were killed have ended. Until then they hold memory of the server, and
/// the next server with the same data refuses to start.
pub(crate) fn wait_for_end(workers: Vec<Pid>) {
    for worker in workers {
        while is_running(worker) {
            thread::yield_now();
        }
    }
}

/// A process that has ended is gone, or a zombie until its parent looks.
fn is_running(process: Pid) -> bool {
    let state = stat_field(process.as_raw_nonzero().get(), 0);
    state.is_some_and(|state| state != "Z" && state != "X")
}

fn children_of(parent: Pid) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").expect("a list of processes");
    let numbers = processes.flatten().filter_map(|entry| {
        let number: i32 = entry.file_name().to_str()?.parse().ok()?;
        (parent_of(number)? == parent.as_raw_nonzero().get()).then_some(number)
    });
    numbers.filter_map(Pid::from_raw).collect()
}

fn parent_of(number: i32) -> Option<i32> {
    stat_field(number, 1)?.parse().ok()
}

/// A field of `/proc/PID/stat`, counted from the third. The second, a name in parentheses, may hold
/// anything.
fn stat_field(number: i32, field: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields
        .split_ascii_whitespace()
        .nth(field)
        .map(str::to_owned)
}
