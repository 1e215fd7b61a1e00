//! The stores together, and the steps that need more than one of them.

use std::sync::Arc;

use signet_core::account::Account;
use signet_core::session::Session;
use signet_verifier::Timestamp;

use crate::accounts::{Accounts, PendingEnding};
use crate::audit::AuditTable;
use crate::authenticators::Authenticators;
use crate::backend::Backend;
use crate::challenges::Challenges;
use crate::clients::Clients;
use crate::consents::Consents;
use crate::deny_list::DenyList;
use crate::error::StoreError;
use crate::imports::Imports;
use crate::invitations::Invitations;
use crate::known_devices::KnownDevices;
use crate::links::Links;
use crate::mailed_changes::MailedChanges;
use crate::one_time::OneTimeValues;
use crate::outbox::Outbox;
use crate::profiles::Profiles;
use crate::ring_notes::RingNotes;
use crate::sessions::Sessions;
use crate::shared_limits::SharedLimits;
use crate::status_lists::StatusLists;

/// Every store, opened.
#[derive(Clone)]
pub struct Stores {
    /// Who is registered.
    pub accounts: Arc<dyn Accounts>,
    /// The audit trail, if it is kept in the database.
    pub audit: Arc<dyn AuditTable>,
    /// What accounts sign in with.
    pub authenticators: Arc<dyn Authenticators>,
    /// Adds many accounts.
    pub imports: Arc<dyn Imports>,
    /// One-time links that must survive a restart.
    pub links: Arc<dyn Links>,
    /// Who may set up an account.
    pub invitations: Arc<dyn Invitations>,
    /// Which devices accounts have signed in with.
    pub known_devices: Arc<dyn KnownDevices>,
    /// Mail that waits to be sent.
    pub outbox: Arc<dyn Outbox>,
    /// Changes that write a mail in the same transaction.
    pub mailed_changes: Arc<dyn MailedChanges>,
    /// Changes of accounts.
    pub profiles: Arc<dyn Profiles>,
    /// Which programs are registered.
    pub clients: Arc<dyn Clients>,
    /// What people have allowed clients.
    pub consents: Arc<dyn Consents>,
    /// Who is signed in.
    pub sessions: Arc<dyn Sessions>,
    /// Which access tokens are refused.
    pub deny_list: Arc<dyn DenyList>,
    /// Which values have been used.
    pub one_time_values: Arc<dyn OneTimeValues>,
    /// Short-lived one-time values with a payload.
    pub challenges: Arc<dyn Challenges>,
    /// How many requests were counted lately.
    pub shared_limits: Arc<dyn SharedLimits>,
    /// How far key rings have come.
    pub ring_notes: Arc<dyn RingNotes>,
    /// Which bits of revocation lists are leased and set.
    pub status_lists: Arc<dyn StatusLists>,
    /// Where all of it lives, each place once.
    pub backends: Vec<Arc<dyn Backend>>,
}

/// The result of beginning a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Begun {
    /// It has begun.
    Done,
    /// The account was changed, disabled or deleted since its epoch was read: there is no session.
    AccountChanged,
}

impl Stores {
    /// Begins `session`, unless its account has ended everything since the session's epoch was
    /// read. At most `max_sessions` of the account stay; what is ended is denied until
    /// `denied_until`.
    ///
    /// The account is read after the session was stored: either this look sees the change, or the
    /// change came later and its own ending sees the session.
    ///
    /// # Errors
    ///
    /// [`StoreError`]. The session may exist then, but no token for it was issued.
    pub async fn begin_session(
        &self,
        session: &Session,
        max_sessions: usize,
        denied_until: Timestamp,
    ) -> Result<Begun, StoreError> {
        self.sessions
            .create(session, max_sessions, denied_until)
            .await?;
        let account = self.accounts.account(session.account_id).await?;
        if account.is_some_and(|account| may_begin(session, &account)) {
            return Ok(Begun::Done);
        }
        self.sessions
            .end(session.account_id, session.id, denied_until)
            .await?;
        Ok(Begun::AccountChanged)
    }

    /// Ends what a change of an account has left to end, and notes that it is done. Repeating it
    /// is safe, so after a failure the next try does the rest.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the ending stays pending then.
    pub async fn finish_ending(
        &self,
        ending: PendingEnding,
        denied_until: Timestamp,
    ) -> Result<usize, StoreError> {
        let ended = self.sessions.end_before(ending, denied_until).await?;
        self.accounts.endings_done(ending).await?;
        Ok(ended)
    }

    /// Finishes pending work and closes the stores. They refuse later calls.
    ///
    /// # Errors
    ///
    /// [`StoreError`] of the first backend that could not finish. The others are closed too.
    pub async fn close(&self) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for backend in &self.backends {
            outcome = outcome.and(backend.close().await);
        }
        outcome
    }
}

fn may_begin(session: &Session, account: &Account) -> bool {
    let standing = account.standing;
    standing.admits(session.id, session.grant.epoch)
}
