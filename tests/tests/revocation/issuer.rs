//! The issuer under test, and its operator.

use std::sync::Arc;

use serde_json::Value;
use signet_tests::{Api, Folder, Reply, Server, StoreChoice, StoreServers, run_signet};

/// An issuer with status lists, and what its operators need.
pub(crate) struct Issuer {
    pub(crate) server: Server,
    stores: Arc<StoreServers>,
    operations: Api,
    token: String,
}

impl Issuer {
    pub(crate) async fn start(choice: StoreChoice) -> Self {
        let stores = Arc::new(choice.start());
        let folder = Arc::new(Folder::with_keys());
        let server = Server::on(Arc::clone(&stores), folder, &SETTINGS);
        let mut issuer = Self {
            operations: server.operations(),
            server,
            stores,
            token: String::new(),
        };
        let token = issuer.operate(&["admin", "token"]).await;
        token.trim().clone_into(&mut issuer.token);
        issuer
    }

    /// Starts another server with the same settings, stores and keys.
    pub(crate) fn replica(&self) -> Server {
        let folder = Arc::clone(self.server.folder());
        Server::on(Arc::clone(&self.stores), folder, &SETTINGS)
    }

    /// Changes something over HTTP as an operator.
    pub(crate) async fn administer(&self, path: &str, body: &Value) -> Reply {
        self.operations.post_as(path, &self.token, body).await
    }

    /// Runs a command beside the server, which must end well, and gives what it prints. Services go
    /// on meanwhile.
    pub(crate) async fn operate(&self, arguments: &[&str]) -> String {
        let arguments: Vec<_> = arguments.iter().map(|&word| word.to_owned()).collect();
        let folder = Arc::clone(self.server.folder());
        let mut settings = self.stores.settings();
        let operations = self.operations.address().to_string();
        settings.push(("SIGNET_OPS_LISTEN", operations));
        let command = move || {
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
            run_signet(&folder, &arguments, &settings.collect::<Vec<_>>())
        };
        let ran = tokio::task::spawn_blocking(command).await;
        let ran = ran.expect("a command that ends");
        assert!(ran.success, "{}", ran.stderr);
        ran.stdout
    }
}

const SETTINGS: [(&str, &str); 2] = [
    ("SIGNET_STATUS_LIST_ENABLED", "true"),
    ("SIGNET_SESSION_PROFILE", "strict"),
];
