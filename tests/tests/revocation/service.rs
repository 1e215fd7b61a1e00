//! A service that verifies tokens by itself, and how long it accepts them.

use std::time::Duration;

use signet_tests::{PATIENCE, Server};
use signet_verifier::{Policy, RemoteKeys, Verifier};
use tokio::time::{Instant, Interval, interval, timeout};

/// The verifier with its status check, and its own copies of keys and lists.
pub(crate) struct Service(Verifier);

impl Service {
    /// A service that fetches from this issuer.
    pub(crate) async fn of(server: &Server) -> Self {
        let base = server.api().base();
        let keys = RemoteKeys::builder().check_status_at(base);
        let keys = keys.build(&format!("{base}/.well-known/jwks.json"));
        let keys = keys.expect("a JWKS URL");
        keys.prefetch().await.expect("keys");
        let policy = Policy::new("http://127.0.0.1:8080", "api");
        Self(Verifier::new(policy, keys))
    }

    /// A service that has verified this token.
    pub(crate) async fn that_accepts(token: &str, server: &Server) -> Self {
        let service = Self::of(server).await;
        service.accepts_for(token, Duration::ZERO).await;
        service
    }

    /// Verifies the token for this time, and once at least; it must be accepted.
    pub(crate) async fn accepts_for(&self, token: &str, time: Duration) {
        let begun = Instant::now();
        let mut requests = requests();
        loop {
            let refused = self.refusal(token).await;
            assert_eq!(refused, None, "a valid token is accepted");
            if begun.elapsed() >= time {
                return;
            }
            requests.tick().await;
        }
    }

    /// Verifies the token until it is refused for this reason; gives how long that took.
    pub(crate) async fn refuses(&self, token: &str, reason: &str) -> Duration {
        let begun = Instant::now();
        let refused = timeout(PATIENCE, self.first_refusal(token)).await;
        assert_eq!(refused.expect("a refusal"), reason);
        begun.elapsed()
    }

    async fn first_refusal(&self, token: &str) -> String {
        let mut requests = requests();
        loop {
            if let Some(refused) = self.refusal(token).await {
                return refused;
            }
            requests.tick().await;
        }
    }

    async fn refusal(&self, token: &str) -> Option<String> {
        let verified = self.0.verify_async(token).await;
        verified.err().map(|error| error.reason().to_owned())
    }
}

/// When requests with the token arrive.
fn requests() -> Interval {
    interval(Duration::from_millis(100))
}
