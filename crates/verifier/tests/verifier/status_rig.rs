//! A verifier that checks status lists, an issuer that serves them, and everything a test needs to
//! drive both. One server has the keys and another the lists, so that each can fail alone.

use std::sync::Arc;
use std::time::Duration;

use miniz_oxide::deflate::compress_to_vec_zlib;
use serde_json::{Value, json};
use signet_verifier::{
    Clock, FetchError, Fetched, ManualClock, Observer, Policy, RemoteKeys, StatusListError,
    Verifier,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::jwks_server::{Behaviour, JwksServer};
use crate::support::{AUDIENCE, Signer, Token, clock, encode, jwks, reason, signer};

pub(crate) type Outcome = Result<Fetched, FetchError>;

#[derive(Debug)]
struct Reporter {
    lists: UnboundedSender<(String, Outcome, Option<Duration>)>,
    keys: UnboundedSender<Outcome>,
}

impl Observer for Reporter {
    fn fetched(&self, outcome: Result<Fetched, &FetchError>) {
        self.keys.send(outcome.map_err(Clone::clone)).unwrap();
    }

    fn status_list_fetched(
        &self,
        uri: &str,
        outcome: Result<Fetched, &FetchError>,
        age: Option<Duration>,
    ) {
        let outcome = outcome.map_err(Clone::clone);
        self.lists.send((uri.to_owned(), outcome, age)).unwrap();
    }
}

pub(crate) struct StatusRig {
    pub(crate) keys_server: JwksServer,
    pub(crate) lists_server: JwksServer,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keys: RemoteKeys,
    pub(crate) verifier: Verifier,
    pub(crate) lists: UnboundedReceiver<(String, Outcome, Option<Duration>)>,
    pub(crate) key_fetches: UnboundedReceiver<Outcome>,
}

impl StatusRig {
    /// One that has fetched the keys, and no list.
    pub(crate) async fn new() -> Self {
        let keys_server = JwksServer::start(Behaviour::keys(jwks(&[signer().jwk()]))).await;
        let lists_server = JwksServer::start(Behaviour::status(500)).await;
        let clock = clock();
        let (lists_in, lists) = unbounded_channel();
        let (keys_in, mut key_fetches) = unbounded_channel();
        let reporter = Reporter {
            lists: lists_in,
            keys: keys_in,
        };
        let keys = RemoteKeys::builder()
            .check_status()
            .clock(Arc::<ManualClock>::clone(&clock))
            .observer(Arc::new(reporter))
            .build(&keys_server.url())
            .unwrap();
        keys.prefetch().await.unwrap();
        assert_eq!(key_fetches.recv().await, Some(Ok(Fetched::Received)));
        let policy = Policy::new(&lists_server.origin, AUDIENCE);
        let shared_clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let verifier = Verifier::with_clock(policy, keys.clone(), shared_clock);
        Self {
            keys_server,
            lists_server,
            clock,
            keys,
            verifier,
            lists,
            key_fetches,
        }
    }

    /// One that has fetched a list in which exactly the entry 7 is revoked.
    pub(crate) async fn warm() -> Self {
        let mut rig = Self::new().await;
        rig.serve(&rig.list("a", &[7]));
        assert_eq!(rig.outcome(&rig.token("a", 0)).await, "accepted");
        assert_eq!(rig.fetched().await, Ok(Fetched::Received));
        rig
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy::new(&self.lists_server.origin, AUDIENCE)
    }

    /// A verifier with another policy and the same keys, lists and clock.
    pub(crate) fn verifier_with(&self, policy: Policy) -> Verifier {
        Verifier::with_clock(policy, self.keys.clone(), self.shared_clock())
    }

    pub(crate) fn uri(&self, name: &str) -> String {
        format!("{}/status/{name}", self.lists_server.origin)
    }

    /// A list of 128 entries, issued now for a minute, that is good until a test breaks it.
    pub(crate) fn list(&self, name: &str, revoked: &[usize]) -> Token {
        let now = self.clock.now().as_seconds();
        let claims = json!({
            "iss": self.lists_server.origin, "sub": self.uri(name),
            "iat": now, "exp": now + 60, "ttl": 5, "status_list": status_list(revoked),
        });
        Token::good()
            .header("typ", "statuslist+jwt")
            .claims(&claims)
    }

    pub(crate) fn serve(&self, list: &Token) {
        self.serve_text(list.sign());
    }

    pub(crate) fn serve_text(&self, body: String) {
        self.lists_server.becomes(Behaviour::Answer {
            status: 200,
            headers: "Content-Type: application/statuslist+jwt\r\n".to_owned(),
            body,
        });
    }

    /// A token of this moment with an entry of a list.
    pub(crate) fn token(&self, name: &str, index: u64) -> String {
        self.token_of(signer(), name, index)
    }

    pub(crate) fn token_of(&self, signer: &Signer, name: &str, index: u64) -> String {
        let status = json!({ "status_list": { "idx": index, "uri": self.uri(name) } });
        let token = self.unsigned(status).header("kid", signer.kid());
        signer.sign(&token.header_json(), &token.claims_json())
    }

    pub(crate) fn unsigned(&self, status: Value) -> Token {
        self.without_status().claim("status", status)
    }

    pub(crate) fn without_status(&self) -> Token {
        let now = self.clock.now().as_seconds();
        Token::good()
            .claim("iss", self.lists_server.origin.as_str())
            .claim("iat", now)
            .claim("exp", now + 600)
    }

    pub(crate) async fn outcome(&self, token: &str) -> &'static str {
        reason(self.verifier.verify_async(token).await)
    }

    /// What a verification says that never waits.
    pub(crate) fn outcome_now(&self, token: &str) -> &'static str {
        reason(self.verifier.verify(token))
    }

    /// The outcome of the next fetch of a list.
    pub(crate) async fn fetched(&mut self) -> Outcome {
        self.lists.recv().await.unwrap().1
    }

    /// Lets time pass until a poll of the list `a` is due, and waits for it.
    pub(crate) async fn poll_after(&mut self, passed: Duration) -> Outcome {
        self.clock.advance(passed);
        let _ = self.outcome_now(&self.token("a", 0));
        self.fetched().await
    }

    /// Polls, and expects that the list is refused.
    pub(crate) async fn refused(&mut self) -> StatusListError {
        let refused = match self.poll_after(POLL).await {
            Err(FetchError::StatusList(error)) => Some(error),
            _ => None,
        };
        refused.unwrap()
    }

    /// The clock, as a verifier or keys take it.
    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::<ManualClock>::clone(&self.clock)
    }
}

/// The claim `status_list`: one bit for each of 128 entries.
pub(crate) fn status_list(revoked: &[usize]) -> Value {
    let mut bytes = [0_u8; 16];
    for index in revoked {
        bytes[index / 8] |= 1 << (index % 8);
    }
    json!({ "bits": 1, "lst": lst(&bytes) })
}

pub(crate) fn lst(bytes: &[u8]) -> String {
    encode(compress_to_vec_zlib(bytes, 6))
}

/// After this time, the next poll is due for certain: 50 to 70 % of 5 s, or at most 4 s after a
/// failure.
pub(crate) const POLL: Duration = Duration::from_secs(4);
