//! The promises of the store traits, as named cases that every backend keeps.
//!
//! A backend is one line at the end of this file; cases must not know which one they run on. Each
//! case gets a fresh place with two handles on it, as two processes would have them.

#![expect(
    clippy::unwrap_used,
    reason = "a store that answers with an error fails the case"
)]

mod accounts;
mod given;
mod sessions;

use given::Place;

/// Runs every case on the places that `$open` makes.
macro_rules! conformance {
    ($backend:ident, $open:path) => {
        mod $backend {
            cases! { $open, accounts:
                an_account_is_found_by_id_and_by_email_in_any_case
            }
            cases! { $open, sessions:
                a_session_is_found_as_it_was_stored
                a_swap_replaces_its_predecessor_only
                an_ended_session_is_gone_and_its_tokens_denied
            }
        }
    };
}

/// One test a case: `module::case` on a place of its own.
macro_rules! cases {
    ($open:path, $module:ident: $($case:ident)+) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                crate::$module::$case(&$open().await).await;
            })+
        }
    };
}

conformance!(sqlite, crate::sqlite_place);

async fn sqlite_place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let url = format!(
        "sqlite://{}",
        folder.path().join("data/signet.db").display()
    );
    Place::open(&url, None, folder).await
}
