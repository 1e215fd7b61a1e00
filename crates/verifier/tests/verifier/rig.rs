//! A verifier with remote keys, a server for them and everything a test needs to drive both.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use signet_verifier::{
    Clock, FetchError, Fetched, Keys, ManualClock, MissAction, Observer, RemoteKeys, Verifier,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::jwks_server::{Behaviour, JwksServer};
use crate::support::{Signer, Token, clock, jwks, policy, reason, signer};

#[derive(Debug)]
struct Reporter {
    fetches: UnboundedSender<Result<Fetched, FetchError>>,
    misses: UnboundedSender<MissAction>,
}

impl Observer for Reporter {
    fn fetched(&self, outcome: Result<Fetched, &FetchError>) {
        self.fetches.send(outcome.map_err(Clone::clone)).unwrap();
    }

    fn missed(&self, action: MissAction) {
        self.misses.send(action).unwrap();
    }
}

/// A verifier with remote keys and everything a test needs to drive it.
pub(crate) struct Rig {
    pub(crate) server: JwksServer,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keys: RemoteKeys,
    pub(crate) verifier: Verifier,
    pub(crate) fetches: UnboundedReceiver<Result<Fetched, FetchError>>,
    pub(crate) misses: UnboundedReceiver<MissAction>,
}

impl Rig {
    pub(crate) async fn new(behaviour: Behaviour) -> Self {
        Self::seeded(behaviour, None).await
    }

    pub(crate) async fn seeded(behaviour: Behaviour, seed: Option<Keys>) -> Self {
        let server = JwksServer::start(behaviour).await;
        let clock = clock();
        let (fetches_in, fetches) = unbounded_channel();
        let (misses_in, misses) = unbounded_channel();
        let reporter = Reporter {
            fetches: fetches_in,
            misses: misses_in,
        };
        let shared_clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let mut builder = RemoteKeys::builder()
            .clock(Arc::clone(&shared_clock))
            .observer(Arc::new(reporter));
        if let Some(seed) = seed {
            builder = builder.seed(seed);
        }
        let keys = builder.build(&server.url()).unwrap();
        let verifier = Verifier::with_clock(policy(), keys.clone(), shared_clock);
        Self {
            server,
            clock,
            keys,
            verifier,
            fetches,
            misses,
        }
    }

    /// One that has fetched the signer's key.
    pub(crate) async fn warm() -> Self {
        let mut rig = Self::new(Behaviour::keys(jwks(&[signer().jwk()]))).await;
        rig.keys.prefetch().await.unwrap();
        assert_eq!(rig.fetches.recv().await.unwrap(), Ok(Fetched::Received));
        rig
    }

    /// Lets time pass until a refresh is due, and waits for it.
    pub(crate) async fn refresh_after(&mut self, passed: Duration) -> Result<Fetched, FetchError> {
        self.clock.advance(passed);
        let _ = self.verifier.verify(&self.token()).is_ok();
        self.fetches.recv().await.unwrap()
    }

    /// A good token of this moment.
    pub(crate) fn token(&self) -> String {
        self.token_of(signer())
    }

    pub(crate) fn token_of(&self, signer: &Signer) -> String {
        let now = self.clock.now().as_seconds();
        let token = Token::good()
            .header("kid", signer.kid())
            .claim("iat", now)
            .claim("exp", now + 600);
        signer.sign(&token.header_json(), &token.claims_json())
    }

    pub(crate) fn token_of_kid(&self, kid: &str) -> String {
        let now = self.clock.now().as_seconds();
        Token::good()
            .header("kid", kid)
            .claim("iat", now)
            .claim("exp", now + 600)
            .sign()
    }

    pub(crate) async fn outcome(&self, token: &str) -> &'static str {
        reason(self.verifier.verify_async(token).await)
    }
}

/// What a future says without waiting for anything.
pub(crate) fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
