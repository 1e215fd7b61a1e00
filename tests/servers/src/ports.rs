//! Ports that belong to one test at a time.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::{env, process};

use rustix::process::geteuid;

/// A port without a listener, which no other test is given while this process lives.
///
/// A port that merely was free a moment ago can be taken by another server before ours
/// listens, and a test that waits for an answer would be content with theirs.
pub fn free_port() -> u16 {
    let folder = env::temp_dir().join(format!("signet-ports-{}", geteuid().as_raw()));
    fs::create_dir_all(&folder).expect("a folder for locks");
    // Processes that start together look in different places.
    let begin = process::id() as usize % usize::from(COUNT);
    let mut ports = (FIRST..FIRST + COUNT)
        .cycle()
        .skip(begin)
        .take(COUNT.into());
    let port = ports.find(|&port| is_taken_for_us(&folder, port));
    port.expect("a free port")
}

/// The lock goes with the process that holds it, however that ends.
fn is_taken_for_us(folder: &Path, port: u16) -> bool {
    let lock = File::create(folder.join(port.to_string())).expect("a lock");
    if lock.try_lock().is_err() || TcpListener::bind(("0.0.0.0", port)).is_err() {
        return false;
    }
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    held.push(lock);
    true
}

static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// Below those that the system gives out for port 0, from 32768 on.
const FIRST: u16 = 12_000;
const COUNT: u16 = 16_000;
