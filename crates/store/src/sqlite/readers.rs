//! The read-only connections: look-ups run where they are asked for.
//!
//! A look-up by key in a file that is in memory takes 5 to 10 microseconds, less than handing it
//! to another thread and back, so it runs inline on the caller's thread. In WAL mode readers wait
//! for no writer and see everything that was committed before they began. This module must not
//! know what is looked up.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::connection;
use super::fault::SqliteFault;
use crate::measure::CallTimes;

/// A few connections that are lent out for one look-up at a time.
pub(super) struct Readers {
    first: Mutex<Connection>,
    others: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
    times: CallTimes,
}

impl Readers {
    /// Opens the connections. The file must be there already.
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let others = (1..READERS)
            .map(|_| connection::open_to_read(path).map(Mutex::new))
            .collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            first: Mutex::new(connection::open_to_read(path)?),
            others,
            turn: AtomicUsize::new(0),
            times: CallTimes::of("sqlite", "read"),
        })
    }

    /// Runs `look` on the first connection that is free. When none is, it waits for the look-up of
    /// another thread, which takes microseconds.
    pub(super) fn read<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, SqliteFault>,
    ) -> Result<T, SqliteFault> {
        self.times.record_here(|| look(&self.borrow()))
    }

    fn borrow(&self) -> MutexGuard<'_, Connection> {
        let free = std::iter::once(&self.first)
            .chain(&self.others)
            .find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % READERS;
            // A look-up that panicked has changed nothing: its connection is as good as before.
            let reader = self.others.get(turn).unwrap_or(&self.first);
            reader.lock().unwrap_or_else(PoisonError::into_inner)
        })
    }
}

/// How many look-ups run at once: no more than the cores that would do them.
const READERS: usize = 4;
