//! `signet backup` and `signet restore`, beside a running server and without one.

use std::sync::Arc;

use signet_tests::{Folder, Server, run_signet};

#[tokio::test]
async fn nothing_that_ended_before_a_restore_is_good_after_it() {
    let folder = Arc::new(Folder::with_keys());
    let server = Server::within(Arc::clone(&folder), &[]);
    let ada = server.api().register().await;
    let kept = server.api().login(&ada.email).await;
    let file = folder.path().join("backup.db");
    let file = file.to_str().unwrap();
    let written = server.run(&["backup", file]);
    assert!(written.success, "{}", written.stderr);

    let nothing = serde_json::json!({});
    let api = server.api();
    let all = api.post_as("/auth/logout-all", &ada.access_token, &nothing);
    all.await.expect(204);
    let late = server.api().register().await;
    let database = format!("sqlite://{}", folder.database().display());
    let settings = [("SIGNET_DATABASE_URL", database.as_str())];
    let refused = run_signet(&folder, &["restore", file], &settings);
    assert!(
        refused.stderr.contains("stop the server, then try again"),
        "{}",
        refused.stderr
    );
    server.stop();

    let restored = run_signet(&folder, &["restore", file], &settings);
    assert!(restored.success, "{}", restored.stderr);
    let server = Server::within(Arc::clone(&folder), &[]);
    for session in [&ada, &kept, &late] {
        server
            .api()
            .refresh(&session.refresh_token)
            .await
            .problem(401, "session_ended");
        server.api().me(&session.access_token).await.expect(401);
    }
    server.api().login(&ada.email).await;
}
