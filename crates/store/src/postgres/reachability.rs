//! Whether the server can be reached. A task in the background finds it out, so that no request
//! waits for a server that is known to be down.
//!
//! The task looks only when there is a doubt: a connection broke, or an answer is late. It connects
//! by itself, so a pool whose connections are all in use is no outage. This module must not know
//! what is asked.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::address::name_of;
use super::fault::{PostgresFault, is_outage, said_by_server};
use crate::fault::Unanswered;

/// What is known about the server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Reachability {
    is_down: watch::Receiver<bool>,
    doubts: Arc<Notify>,
}

impl Reachability {
    /// Takes the server as reachable until there is a doubt.
    pub(super) fn watch(options: PgConnectOptions) -> Self {
        let (state, is_down) = watch::channel(false);
        let doubts = Arc::new(Notify::new());
        let name = options.get_application_name().unwrap_or_default();
        let name = format!("{name}-probe");
        let prober = Prober {
            options: options.application_name(&name),
            state,
            doubts: Arc::clone(&doubts),
        };
        drop(tokio::spawn(prober.watch()));
        Self { is_down, doubts }
    }

    /// Fails if the server is known to be down.
    pub(super) fn check(&self) -> Result<(), PostgresFault> {
        if *self.is_down.borrow() {
            return Err(Unanswered::DatabaseDown.into());
        }
        Ok(())
    }

    /// Lets the task look whether the server can still be reached.
    pub(super) fn doubt(&self) {
        self.doubts.notify_one();
    }

    /// Waits for `work`. If it takes long, there is a doubt.
    pub(super) async fn doubting<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if let Ok(done) = timeout(DOUBT_AFTER, work.as_mut()).await {
            return done;
        }
        self.doubt();
        work.await
    }

    /// Waits for `work`, and gives up as soon as the server is known to be down.
    pub(super) async fn while_up<T>(
        &self,
        work: impl Future<Output = Result<T, PostgresFault>>,
    ) -> Result<T, PostgresFault> {
        let mut is_down = self.is_down.clone();
        tokio::select! {
            biased;
            done = self.doubting(work) => done,
            Ok(_) = is_down.wait_for(|is_down| *is_down) => Err(Unanswered::DatabaseDown.into()),
        }
    }
}

/// The task. It ends with the last [`Reachability`].
struct Prober {
    options: PgConnectOptions,
    state: watch::Sender<bool>,
    doubts: Arc<Notify>,
}

impl Prober {
    async fn watch(self) {
        tokio::select! {
            () = self.look_for_ever() => {}
            () = self.state.closed() => {}
        }
    }

    async fn look_for_ever(&self) {
        loop {
            self.doubts.notified().await;
            let Err(why) = self.look().await else {
                sleep(BETWEEN_LOOKS).await;
                continue;
            };
            self.say_down(true);
            let database = name_of(&self.options);
            tracing::warn!(
                database,
                error = why,
                "lost the connection to PostgreSQL; trying again until it works"
            );
            self.wait_until_up().await;
            self.say_down(false);
            tracing::info!(database, "connected to PostgreSQL again");
        }
    }

    fn say_down(&self, is_down: bool) {
        let _before = self.state.send_replace(is_down);
    }

    async fn wait_until_up(&self) {
        let mut pause = FIRST_PAUSE;
        while self.look().await.is_err() {
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Connects once. A server that answers anything but that it is not ready is up.
    async fn look(&self) -> Result<(), String> {
        match timeout(LOOK_TIMEOUT, PgConnection::connect_with(&self.options)).await {
            Ok(Ok(connection)) => {
                let _too_late = timeout(LOOK_TIMEOUT, connection.close()).await;
                Ok(())
            }
            Ok(Err(error)) if is_outage(&error) => Err(said_by_server(error).to_string()),
            Ok(Err(_)) => Ok(()),
            Err(_) => Err(format!("no answer within {} ms", LOOK_TIMEOUT.as_millis())),
        }
    }
}

/// How long a statement or a connection may take before there is a doubt: a hundred times what it
/// takes normally.
const DOUBT_AFTER: Duration = Duration::from_millis(250);

/// How long a new connection may take. A busy server needs less.
const LOOK_TIMEOUT: Duration = Duration::from_secs(1);

/// Slow statements on a server that is up must not make us connect all the time.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// A server that only restarts is back soon.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// With the time of a look well below the 2 s after which everything works again.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
