//! What a process uses, as the system counts it.

use std::fmt;
use std::fs;

/// What a process uses at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Its memory that is in RAM, in KiB.
    pub resident: u64,
    /// Its threads.
    pub threads: u64,
    /// Its open files and sockets.
    pub files: u64,
}

impl Usage {
    /// What the process with this id uses now.
    pub fn of(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status"));
        let status = status.expect("a running process");
        let number = |name: &str| {
            let mut lines = status.lines();
            let rest = lines.find_map(|line| line.strip_prefix(name));
            let number = rest.and_then(|rest| rest.split_whitespace().next());
            number.expect(name).parse().expect("a number")
        };
        let files = fs::read_dir(format!("/proc/{process}/fd"));
        Self {
            resident: number("VmRSS:"),
            threads: number("Threads:"),
            files: files.expect("a running process").count() as u64,
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.resident / 1024;
        let (threads, files) = (self.threads, self.files);
        write!(f, "{megabytes} MiB, {threads} threads, {files} files")
    }
}
