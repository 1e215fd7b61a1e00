//! The real stores, each call counted on its way, and failing from one call on if a test says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use signet_core::account::{Account, Email, EpochStep};
use signet_core::authenticators::AuthenticatorSet;
use signet_core::authorization::{Consent, ConsentGrant};
use signet_core::client::Client;
use signet_core::ids::{AccountId, InvitationId, MailId, SessionId};
use signet_core::invitation::Invitation;
use signet_core::keys::NewestRing;
use signet_core::known_device::KnownDevice;
use signet_core::limits::CounterId;
use signet_core::link::Link;
use signet_core::names::ClientId;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_core::password::PasswordHash;
use signet_core::session::Session;
use signet_store::{
    Acceptance, Accepted, AccountFilter, Accounts, Attempt, Authenticators, AuthenticatorsSwapped,
    Backlog, Challenge, ChallengePayload, Challenges, Changed, Claimed, Clients, Consents,
    CounterGroup, Counts, Created, Credentials, Denied, DenyList, EndingChange, Invitations,
    KnownDevices, LeasedMail, Links, MailedChanges, OneTimeValues, Outbox, PendingEnding, Profiles,
    QueuedMail, Registered, RingNotes, Sessions, SharedLimits, StoreError, Stores, Swapped,
    TokenFacts, Updated,
};
use signet_store::{ImportedAccount, Imports};
use signet_verifier::Timestamp;

/// How often any store was asked anything, and from which call on the stores fail.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    made: AtomicUsize,
    /// The number of the first call that fails.
    fails_at: AtomicUsize,
    /// Whether that call is done before it fails.
    is_done: AtomicBool,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            made: AtomicUsize::new(0),
            fails_at: AtomicUsize::new(usize::MAX),
            is_done: AtomicBool::new(false),
        }
    }
}

/// How the first call of an outage fails. Later calls are refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// The store does nothing.
    Refused,
    /// The store does its work, and its answer is lost.
    AnswerLost,
}

impl Calls {
    /// So far.
    pub(crate) fn made(&self) -> usize {
        self.0.made.load(Ordering::SeqCst)
    }

    /// Lets the stores fail after `calls` more calls.
    pub(crate) fn fail_after(&self, calls: usize, fault: Fault) {
        let is_done = fault == Fault::AnswerLost;
        self.0.is_done.store(is_done, Ordering::SeqCst);
        self.0.fails_at.store(self.made() + calls, Ordering::SeqCst);
    }

    /// Ends the outage. Returns whether a call has failed.
    pub(crate) fn recover(&self) -> bool {
        self.made() > self.0.fails_at.swap(usize::MAX, Ordering::SeqCst)
    }

    /// Counts a call. Returns how it fails, if it does.
    fn count_call(&self) -> Option<Fault> {
        let number = self.0.made.fetch_add(1, Ordering::SeqCst);
        let fails_at = self.0.fails_at.load(Ordering::SeqCst);
        let is_done = number == fails_at && self.0.is_done.load(Ordering::SeqCst);
        match (number >= fails_at, is_done) {
            (false, _) => None,
            (true, false) => Some(Fault::Refused),
            (true, true) => Some(Fault::AnswerLost),
        }
    }

    /// The same stores, with their calls counted here.
    pub(crate) fn count(&self, stores: Stores) -> Stores {
        Stores {
            accounts: Arc::new(self.of(stores.accounts)),
            authenticators: Arc::new(self.of(stores.authenticators)),
            audit: stores.audit,
            imports: Arc::new(self.of(stores.imports)),
            links: Arc::new(self.of(stores.links)),
            invitations: Arc::new(self.of(stores.invitations)),
            known_devices: Arc::new(self.of(stores.known_devices)),
            outbox: Arc::new(self.of(stores.outbox)),
            mailed_changes: Arc::new(self.of(stores.mailed_changes)),
            profiles: Arc::new(self.of(stores.profiles)),
            clients: Arc::new(self.of(stores.clients)),
            consents: Arc::new(self.of(stores.consents)),
            sessions: Arc::new(self.of(stores.sessions)),
            deny_list: Arc::new(self.of(stores.deny_list)),
            one_time_values: Arc::new(self.of(stores.one_time_values)),
            challenges: Arc::new(self.of(stores.challenges)),
            shared_limits: Arc::new(self.of(stores.shared_limits)),
            ring_notes: Arc::new(self.of(stores.ring_notes)),
            status_lists: stores.status_lists,
            backends: stores.backends,
        }
    }

    fn of<S: ?Sized>(&self, store: Arc<S>) -> Counted<S> {
        Counted {
            store,
            calls: self.clone(),
        }
    }
}

/// One store.
struct Counted<S: ?Sized> {
    store: Arc<S>,
    calls: Calls,
}

impl<S: ?Sized> Counted<S> {
    /// Makes one call, unless the stores fail.
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let unavailable = || StoreError::Unavailable {
            store: "test",
            cause: "the test has stopped it".into(),
        };
        match self.calls.count_call() {
            None => call.await,
            Some(Fault::Refused) => Err(unavailable()),
            Some(Fault::AnswerLost) => {
                call.await?;
                Err(unavailable())
            }
        }
    }
}

macro_rules! counted {
    ($store:ident { $(fn $name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)* }) => {
        #[async_trait]
        impl $store for Counted<dyn $store> {
            $(async fn $name(&self, $($argument: $kind),*) -> Result<$answer, StoreError> {
                self.call(self.store.$name($($argument),*)).await
            })*
        }
    };
}

counted!(Sessions {
    fn create(session: &Session, max_sessions: usize, denied_until: Timestamp) -> ();
    fn find(account_id: AccountId, id: SessionId, now: Timestamp) -> Option<Session>;
    fn swap(next: &Session) -> Swapped;
    fn end(account_id: AccountId, id: SessionId, denied_until: Timestamp) -> bool;
    fn end_before(ending: PendingEnding, denied_until: Timestamp) -> usize;
    fn list(account_id: AccountId, now: Timestamp) -> Vec<Session>;
    fn purge(now: Timestamp, limit: usize) -> usize;
});

counted!(Accounts {
    fn create(credentials: &Credentials) -> Created;
    fn by_email(email: &Email) -> Option<Credentials>;
    fn account(id: AccountId) -> Option<Account>;
    fn by_id(id: AccountId) -> Option<Credentials>;
    fn list(filter: &AccountFilter, after: Option<AccountId>, limit: u32) -> Vec<Account>;
    fn change(id: AccountId, step: EpochStep, change: &EndingChange) -> Changed;
    fn rehash(id: AccountId, old: &PasswordHash, new: &PasswordHash) -> bool;
    fn pending_endings(limit: u32) -> Vec<PendingEnding>;
    fn endings_done(ending: PendingEnding) -> ();
});

counted!(Imports {
    fn add(accounts: &[ImportedAccount]) -> Vec<bool>;
});

counted!(Clients {
    fn create(client: &Client) -> Registered;
    fn find(id: &ClientId) -> Option<Arc<Client>>;
    fn list(after: Option<&ClientId>, limit: u32) -> Vec<Client>;
    fn swap(next: &Client) -> Swapped;
    fn delete(id: &ClientId) -> bool;
});

counted!(Consents {
    fn add(account_id: AccountId, client_id: &ClientId, grant: &ConsentGrant) -> bool;
    fn find(account_id: AccountId, client_id: &ClientId, now: Timestamp) -> Option<Consent>;
    fn list(account_id: AccountId, now: Timestamp) -> Vec<(ClientId, Consent)>;
    fn remove(account_id: AccountId, client_id: &ClientId) -> bool;
    fn purge(now: Timestamp, limit: usize) -> usize;
});

counted!(DenyList {
    fn deny(denied: &Denied, until: Timestamp) -> ();
    fn is_denied(token: TokenFacts<'_>, now: Timestamp) -> bool;
    fn purge(now: Timestamp, limit: usize) -> usize;
});

counted!(OneTimeValues {
    fn claim(value: &[u8; 32], until: Timestamp, now: Timestamp) -> Claimed;
    fn purge(now: Timestamp, limit: usize) -> usize;
});

counted!(Challenges {
    fn put(challenge: &Challenge, now: Timestamp) -> ();
    fn replace(
        challenge: &Challenge, previous: Option<&ChallengePayload>, now: Timestamp
    ) -> bool;
    fn take(purpose: OneTimePurpose, id: OneTimeDigest, now: Timestamp) -> Option<ChallengePayload>;
    fn attempt(purpose: OneTimePurpose, id: OneTimeDigest, now: Timestamp) -> Option<Attempt>;
    fn purge(now: Timestamp, limit: usize) -> usize;
});

counted!(Profiles {
    fn update(previous: &Account, next: &Account) -> Updated;
});

counted!(Authenticators {
    fn find(account_id: AccountId) -> Option<AuthenticatorSet>;
    fn swap(next: &AuthenticatorSet) -> AuthenticatorsSwapped;
    fn owner(credential_id: &[u8]) -> Option<AccountId>;
});

counted!(Links {
    fn put(link: &Link) -> bool;
    fn find(purpose: OneTimePurpose, digest: OneTimeDigest, now: Timestamp) -> Option<Link>;
    fn take(purpose: OneTimePurpose, digest: OneTimeDigest, now: Timestamp) -> Option<Link>;
    fn purge(now: Timestamp, limit: usize) -> usize;
});

counted!(Invitations {
    fn put(invitation: &Invitation, mail: Option<&QueuedMail>) -> bool;
    fn by_email(email: &Email, now: Timestamp) -> Option<Invitation>;
    fn create(
        credentials: &Credentials, invitation: &Invitation, mail: Option<&QueuedMail>
    ) -> Created;
    fn find(digest: OneTimeDigest, now: Timestamp) -> Option<Invitation>;
    fn list(after: Option<InvitationId>, limit: u32, now: Timestamp) -> Vec<Invitation>;
    fn accept(digest: OneTimeDigest, acceptance: &Acceptance, now: Timestamp) -> Accepted;
    fn remove(id: InvitationId) -> bool;
    fn purge(now: Timestamp, limit: usize) -> usize;
});

counted!(KnownDevices {
    fn list(account_id: AccountId) -> Vec<KnownDevice>;
    fn add(account_id: AccountId, device: &KnownDevice, mail: Option<&QueuedMail>) -> bool;
    fn see(account_id: AccountId, device: &KnownDevice) -> ();
    fn purge(last: Timestamp, limit: usize) -> usize;
});

counted!(Outbox {
    fn put(mail: &QueuedMail) -> bool;
    fn lease(now: Timestamp, until: Timestamp, limit: u32) -> Vec<LeasedMail>;
    fn remove(id: MailId) -> ();
    fn postpone(id: MailId, attempt: u32, due: Timestamp) -> ();
    fn backlog() -> Backlog;
    fn purge(now: Timestamp, limit: usize) -> usize;
});

counted!(MailedChanges {
    fn put_link(link: &Link, mail: &QueuedMail) -> bool;
    fn create(credentials: &Credentials, link: &Link, mail: &QueuedMail) -> Created;
    fn change(at: (AccountId, EpochStep), change: &EndingChange, mail: &QueuedMail) -> Changed;
    fn update(previous: &Account, next: &Account, mail: &QueuedMail) -> Updated;
});

counted!(RingNotes {
    fn note(ring: &str, seen: NewestRing) -> NewestRing;
});

counted!(SharedLimits {
    fn count(group: &CounterGroup, now: Timestamp) -> Counts;
    fn take_back(group: &CounterGroup, now: Timestamp) -> ();
    fn reset(group: CounterId) -> ();
    fn purge(now: Timestamp, limit: usize) -> usize;
});
