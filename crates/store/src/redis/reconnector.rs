//! The background half of a connection: notices that it broke or leads to a server that was replaced,
//! and makes another.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::live::{Live, State};
use super::server::RedisServer;

/// Keeps one connection alive. Ends when it is closed or when its last user is gone.
pub(super) struct Reconnector {
    pub(super) server: Arc<RedisServer>,
    pub(super) purpose: &'static str,
    pub(super) state: watch::Sender<State>,
    pub(super) closing: Arc<Notify>,
}

impl Reconnector {
    pub(super) async fn keep(self, first: Live) {
        tokio::select! {
            () = self.replace_for_ever(first) => {}
            () = self.closing.notified() => {}
            () = self.state.closed() => {}
        }
        drop(self.state.send_replace(State::Closed));
    }

    async fn replace_for_ever(&self, mut live: Live) {
        loop {
            let why = tokio::select! {
                () = live.broken.notified() => "lost the connection to Redis",
                () = self.server.is_replaced(&live) => {
                    "left a Redis that is no longer the primary: the Sentinels name another one"
                }
            };
            if self.server.is_cluster() {
                live = self.renew(live).await;
                continue;
            }
            drop(self.state.send_replace(State::Mending));
            tracing::warn!(
                redis.address = self.server.address(),
                redis.purpose = self.purpose,
                "{why}"
            );
            live = self.connect().await;
            drop(self.state.send_replace(State::Up(live.clone())));
            tracing::info!(
                redis.address = self.server.address(),
                redis.purpose = self.purpose,
                "connected to Redis again"
            );
        }
    }

    /// Makes another connection to a Cluster, while callers go on with the one they have: most of
    /// the servers may be well.
    async fn renew(&self, old: Live) -> Live {
        tracing::warn!(
            redis.address = self.server.address(),
            redis.purpose = self.purpose,
            "a server of the Redis Cluster does not answer; reading the layout of the Cluster again"
        );
        let renewed = self.server.connect().await;
        if let Err(error) = &renewed {
            tracing::warn!(
                redis.address = self.server.address(),
                redis.purpose = self.purpose,
                error = %error,
                "cannot read the layout of the Redis Cluster; trying again when it is needed"
            );
        }
        let live = renewed.unwrap_or(old);
        drop(self.state.send_replace(State::Up(live.clone())));
        sleep(BETWEEN_LAYOUTS).await;
        live
    }

    async fn connect(&self) -> Live {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.server.connect().await {
                Ok(live) => return live,
                Err(error) if pause == FIRST_PAUSE => tracing::warn!(
                    redis.address = self.server.address(),
                    redis.purpose = self.purpose,
                    error = %error,
                    "cannot connect to Redis; trying again until it works"
                ),
                Err(_) => {}
            }
            drop(self.state.send_replace(State::Down));
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// A server that only restarts is back soon.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Together with the deadline of an attempt well below the 2 s after which everything works again.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A server of a Cluster that stays away must not make us connect to all others all the time.
const BETWEEN_LAYOUTS: Duration = Duration::from_millis(500);
