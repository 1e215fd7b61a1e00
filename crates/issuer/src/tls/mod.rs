//! TLS of the listeners: the files of a certificate, the configuration made from them, and its
//! renewal when the files change.
//!
//! This module must not know sockets or HTTP.

mod client;
mod files;
mod host;
mod own_certificate;
mod server_config;
#[cfg(test)]
pub(crate) mod tests;
mod validity;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

pub(crate) use client::{any_server, own_server};
pub(crate) use files::Stamp;
pub(crate) use files::{TlsError, TlsFiles};
pub(crate) use host::is_for_host;
pub(crate) use server_config::HTTP_2;
pub(crate) use validity::{CertificateValidity, validity};

/// The certificate of one listener. It follows its files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tls(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    files: TlsFiles,
    /// The files when they were read first.
    first: Stamp,
    state: RwLock<State>,
    look: Notify,
}

#[derive(Debug)]
struct State {
    config: Arc<ServerConfig>,
    /// Why the newest files are not used.
    problem: Option<String>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// [`TlsError`] if they hold no certificate with its key.
    pub fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        let first = Stamp::of(files);
        let state = State {
            config: server_config::read(files)?,
            problem: None,
        };
        Ok(Self(Arc::new(Shared {
            files: files.clone(),
            first,
            state: RwLock::new(state),
            look: Notify::new(),
        })))
    }

    /// What accepts the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&state.config))
    }

    /// Why the newest files are not used, for operators.
    pub(crate) fn problem(&self) -> Option<String> {
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        state.problem.clone()
    }

    /// Reads the files again soon, whether they have changed or not.
    pub(crate) fn look_soon(&self) {
        self.0.look.notify_one();
    }

    /// Follows the files until `stopped`. Connections that exist keep their certificate.
    pub(crate) async fn follow(&self, mut stopped: watch::Receiver<bool>) {
        let mut used = self.0.first.clone();
        let mut seen = used.clone();
        loop {
            let is_asked = tokio::select! {
                () = self.0.look.notified() => true,
                () = tokio::time::sleep(LOOK_EVERY) => false,
                _ = stopped.wait_for(|stopped| *stopped) => return,
            };
            let now = Stamp::of(&self.0.files);
            // Files that changed since the last look may be half written.
            let is_settled = now == seen;
            if is_asked || (is_settled && now != used) {
                self.renew();
                used = now.clone();
            }
            seen = now;
        }
    }

    fn renew(&self) {
        let read = server_config::read(&self.0.files);
        let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(config) => {
                state.config = config;
                state.problem = None;
                tracing::info!(certificate = %self.0.files.cert_file.display(), "read the certificate");
            }
            Err(error) => {
                tracing::error!(%error, "cannot use the new certificate and keep the previous one");
                state.problem = Some(format!("keeps the previous certificate: {error}"));
            }
        }
    }
}

/// A new certificate is used within two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
