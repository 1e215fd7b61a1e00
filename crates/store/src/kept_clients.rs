//! Clients that were parsed before: an unchanged row is not parsed again.
//!
//! Every look-up still reads the row, and a kept client counts only for the version and the record
//! that it was parsed from. So a kept client is never older than its row. This module must not know
//! where rows come from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signet_core::client::Client;

use crate::client_record::{self, ClientColumns};
use crate::error::ImpossibleRow;

/// The clients that were parsed, by their stored ids.
#[derive(Default)]
pub(crate) struct KeptClients {
    clients: Mutex<HashMap<String, Kept>>,
}

struct Kept {
    version: i64,
    record: String,
    client: Arc<Client>,
}

impl KeptClients {
    /// Returns the client of a row. Parses it if no client of exactly this row is kept.
    pub(crate) fn read(&self, row: ClientColumns<'_>) -> Result<Arc<Client>, ImpossibleRow> {
        if let Some(client) = self.kept(row) {
            return Ok(client);
        }
        let client = Arc::new(client_record::read(row)?);
        self.keep(row, Arc::clone(&client));
        Ok(client)
    }

    /// Forgets the client with this stored id, which has no row.
    pub(crate) fn forget(&self, id: &str) {
        self.clients().remove(id);
    }

    fn kept(&self, row: ClientColumns<'_>) -> Option<Arc<Client>> {
        let clients = self.clients();
        let kept = clients.get(row.id)?;
        let is_unchanged = kept.version == row.version && kept.record == row.record;
        is_unchanged.then(|| Arc::clone(&kept.client))
    }

    /// Keeps a client. If there are too many, all others go; those in use are soon back.
    fn keep(&self, row: ClientColumns<'_>, client: Arc<Client>) {
        let mut clients = self.clients();
        if clients.len() >= MAX_KEPT && !clients.contains_key(row.id) {
            clients.clear();
        }
        let kept = Kept {
            version: row.version,
            record: row.record.to_owned(),
            client,
        };
        clients.insert(row.id.to_owned(), kept);
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The maximum number of kept clients. A typical one takes 2 KiB, with its record.
const MAX_KEPT: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"name":null,"grants":["refresh_token"],"scopes":[],"audiences":["api"],
        "owns":[],"authentication":{"method":"none"},"token_ttl_seconds":null,"disabled":false,
        "created_at":1}"#;

    fn row<'a>(id: &'a str, version: i64, record: &'a str) -> ClientColumns<'a> {
        ClientColumns {
            id,
            version,
            record,
        }
    }

    #[test]
    fn an_unchanged_row_is_parsed_once() {
        let kept = KeptClients::default();
        let first = kept.read(row("a", 1, RECORD)).unwrap();
        let again = kept.read(row("a", 1, RECORD)).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        let other = kept.read(row("b", 1, RECORD)).unwrap();
        assert_eq!(other.id.as_str(), "b");
    }

    #[test]
    fn a_row_with_another_version_or_record_is_parsed_again() {
        let kept = KeptClients::default();
        let first = kept.read(row("a", 1, RECORD)).unwrap();
        let next = kept.read(row("a", 2, RECORD)).unwrap();
        assert_eq!((first.version, next.version), (1, 2));
        let renamed = RECORD.replace(r#""name":null"#, r#""name":"App""#);
        let renamed = kept.read(row("a", 2, &renamed)).unwrap();
        assert_eq!(renamed.name.as_ref().unwrap().as_str(), "App");
        let back = kept.read(row("a", 2, RECORD)).unwrap();
        assert_eq!(back.name, None);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_not_kept() {
        let kept = KeptClients::default();
        for unreadable in [
            row("a", 1, "{}"),
            row("a", -1, RECORD),
            row("a b", 1, RECORD),
        ] {
            assert!(kept.read(unreadable).is_err());
            assert!(kept.clients().is_empty());
        }
        kept.read(row("a", 1, RECORD)).unwrap();
        assert!(kept.read(row("a", 1, "{}")).is_err());
        assert!(kept.read(row("a", 1, RECORD)).is_ok());
    }

    #[test]
    fn a_thousand_clients_are_kept_at_most() {
        let kept = KeptClients::default();
        let number = |number: usize| format!("client-{number}");
        for client in 0..MAX_KEPT {
            kept.read(row(&number(client), 1, RECORD)).unwrap();
        }
        assert_eq!(kept.clients().len(), 1_000);
        kept.read(row(&number(0), 2, RECORD)).unwrap();
        assert_eq!(kept.clients().len(), 1_000);
        kept.read(row("one more", 1, RECORD)).unwrap_err();
        assert_eq!(kept.clients().len(), 1_000);
        kept.read(row("one-more", 1, RECORD)).unwrap();
        assert_eq!(kept.clients().len(), 1);
        kept.forget("one-more");
        assert!(kept.clients().is_empty());
    }
}
