//! What the kernel says of processes and of the machine: proc(5). It must not know Signet.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Processor time that a process has used so far, in user and in kernel mode.
pub fn processor_time(process_id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat")).expect("a running process");
    let (_, fields) = stat.rsplit_once(") ").expect("a name in parentheses");
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u32 = ticks
        .map(|field| field.parse::<u32>().expect("ticks"))
        .sum();
    TICK * ticks
}

/// The memory of a process, in MB.
#[derive(Clone, Copy)]
pub struct Memory {
    /// What only this process has: heap and stacks.
    pub anonymous: f64,
    /// That and the pages of its program.
    pub resident: f64,
}

pub fn memory(process_id: u32) -> Memory {
    let path = format!("/proc/{process_id}/status");
    let status = fs::read_to_string(path).expect("a running process");
    Memory {
        anonymous: kilobytes(&status, "RssAnon:") / 1e3,
        resident: kilobytes(&status, "VmRSS:") / 1e3,
    }
}

/// The machine, as the report names it, and how much of it others use while the bench waits.
pub fn machine() -> Value {
    let info = fs::read_to_string("/proc/cpuinfo").expect("a Linux kernel");
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").expect("a Linux kernel");
    let memory = fs::read_to_string("/proc/meminfo").expect("a Linux kernel");
    json!({
        "cpu": model,
        "cores": cores(),
        "avx512_ifma": info.contains(" avx512ifma"),
        "kernel": kernel.trim(),
        "memory_mb": (kilobytes(&memory, "MemTotal:") / 1e3).round(),
    })
}

pub fn cores() -> u32 {
    thread::available_parallelism().map_or(1, |cores| cores.get().try_into().unwrap_or(1))
}

/// Ticks of all cores so far: those in use, and all.
#[derive(Clone, Copy)]
pub struct CoreTime {
    used: u32,
    all: u32,
}

impl CoreTime {
    pub fn read() -> Self {
        let stat = fs::read_to_string("/proc/stat").expect("a Linux kernel");
        let line = stat.lines().next().unwrap_or_default();
        let ticks = line.split_whitespace().skip(1).take(8);
        let ticks: Vec<u32> = ticks.map(|text| text.parse().expect("ticks")).collect();
        let all: u32 = ticks.iter().sum();
        let idle = ticks[3] + ticks[4];
        Self {
            used: all - idle,
            all,
        }
    }

    /// The share of the machine in use since then, in percent.
    pub fn used_since(self) -> f64 {
        let now = Self::read();
        let all = (now.all - self.all).max(1);
        100.0 * f64::from(now.used - self.used) / f64::from(all)
    }
}

fn kilobytes(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    let number = number.and_then(|number| number.parse().ok());
    number.unwrap_or(f64::NAN)
}

/// `USER_HZ` is 100 on every Linux of today.
const TICK: Duration = Duration::from_millis(10);
