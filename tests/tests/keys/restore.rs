//! A backup of the keys folder, put back under an issuer that has seen newer keys.

use std::sync::Arc;

use serde_json::json;
use signet_tests::{Folder, PASSWORD, PATIENCE, Server, fresh_email, within};

use crate::backup::{copy, put_back};
use crate::{done, taken_up};

/// As if the newest ring had been seen long ago.
fn age_notes(folder: &Folder) {
    let database = rusqlite::Connection::open(folder.database()).expect("a database");
    let aged = database.execute("UPDATE ring_notes SET seen_at = seen_at - 600000", []);
    assert_eq!(aged.expect("a note"), 1);
}

#[tokio::test]
async fn a_restored_backup_signs_again_once_the_operator_says_so() {
    let folder = Arc::new(Folder::with_keys());
    let backup = tempfile::tempdir().expect("a folder");
    copy(&folder.keys(), backup.path());
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let account = issuer.api().register().await;
    done(&folder, &["rotate", "--now"]);
    taken_up(issuer.api(), &folder).await;
    let restore = done(&folder, &["restore"]);
    assert_eq!(restore, "no replica has seen a newer ring, nothing to do\n");
    issuer.stop();
    put_back(backup.path(), &folder.keys());
    age_notes(&folder);

    let issuer = Server::within(Arc::clone(&folder), &[]);
    let refused = issuer.api().refresh(&account.refresh_token).await;
    refused.problem(503, "unavailable");
    let report = issuer.operations().get("/readyz").await.expect(503).json();
    let detail = report["checks"]["signing_key"]["detail"].as_str();
    assert!(detail.expect("why").contains("`signet keys restore`"));
    issuer.api().me(&account.access_token).await.expect(200);

    let restored = done(&folder, &["restore"]);
    assert!(restored.contains("revoke it again"), "{restored}");
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let waiting = async { while issuer.api().post("/auth/register", &body).await.status == 503 {} };
    within(PATIENCE, "the issuer takes up the restored ring", waiting).await;
    issuer.api().next_token(&account.refresh_token).await;
}
