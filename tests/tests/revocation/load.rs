//! Others who use the issuer while tokens end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use signet_tests::{Api, Server};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Sessions that are refreshed again and again until the value is dropped.
pub(crate) struct Load {
    sessions: JoinSet<()>,
    refreshed: Arc<AtomicU64>,
    begun: Instant,
}

impl Load {
    pub(crate) async fn on(server: &Server) -> Self {
        let refreshed = Arc::new(AtomicU64::new(0));
        let mut sessions = JoinSet::new();
        for _ in 0..SESSIONS {
            let first = server.api().register().await.refresh_token;
            sessions.spawn(refresh(server.api().clone(), first, Arc::clone(&refreshed)));
        }
        Self {
            sessions,
            refreshed,
            begun: Instant::now(),
        }
    }

    /// Stops, and says how much it was. A refresh that failed fails the test.
    pub(crate) fn stop(mut self) -> String {
        if let Some(ended) = self.sessions.try_join_next() {
            ended.expect("every refresh works");
        }
        let seconds = self.begun.elapsed().as_secs_f64();
        let refreshed = self.refreshed.load(Ordering::Relaxed) as f64;
        format!("{:.0} refreshes a second meanwhile", refreshed / seconds)
    }
}

async fn refresh(api: Api, mut token: String, refreshed: Arc<AtomicU64>) {
    let mut requests = interval(PERIOD);
    requests.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        token = api.next_token(&token).await;
        refreshed.fetch_add(1, Ordering::Relaxed);
        requests.tick().await;
    }
}

const SESSIONS: u32 = 4;
/// Together 100 refreshes a second.
const PERIOD: Duration = Duration::from_millis(40);
