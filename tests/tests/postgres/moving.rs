//! The steps of `docs/moving.md`: from SQLite to PostgreSQL and Redis, from one Redis to a Cluster,
//! and back, while clients refresh.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use futures::future::join_all;
use http::Method;
use serde_json::json;
use signet_test_servers::{Redis, RedisCluster};
use signet_tests::{Account, Api, Folder, Ran, Server, run_signet};
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use crate::SharedServers;

#[tokio::test(flavor = "multi_thread")]
async fn sessions_survive_a_move_to_postgres_and_redis_and_back_while_clients_refresh() {
    let stores = SharedServers::start();
    let folder = &stores.folder;
    let old = vec![("SIGNET_DATABASE_URL", sqlite(folder, "signet.db"))];
    let new = vec![
        ("SIGNET_DATABASE_URL", stores.postgres.url()),
        ("SIGNET_REDIS_URL", stores.redis.url()),
    ];
    let back = vec![("SIGNET_DATABASE_URL", sqlite(folder, "back.db"))];

    let server = serve(folder, &old);
    let people = People::begin(server.api()).await;
    let (clients, place) = refreshing(server.api()).await;
    let server = moved(server, (&old, &new), &place, "first.db").await;
    people.are_as_before(server.api()).await;
    people.end_more(server.api()).await;
    let server = moved(server, (&new, &back), &place, "second.db").await;
    people.are_as_before(server.api()).await;
    let over = server.api().refresh(&people.lives.refresh_token).await;
    over.problem(401, "session_ended");
    place.send(Place::Finished).unwrap();
    for client in clients {
        let refreshes = client.await.unwrap();
        assert!(refreshes > 2, "{refreshes} refreshes");
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_survive_a_move_to_a_cluster_and_back_while_its_slots_move() {
    let (redis, cluster) = (Redis::start(), Arc::new(RedisCluster::start(0)));
    let folder = Arc::new(Folder::with_keys());
    let [old, new, back] = [
        ("old.db", redis.url()),
        ("new.db", cluster.url()),
        ("back.db", format!("{}?db=1", redis.url())),
    ]
    .map(|(file, url)| {
        vec![
            ("SIGNET_DATABASE_URL", sqlite(&folder, file)),
            ("SIGNET_REDIS_URL", url),
        ]
    });

    let server = serve(&folder, &old);
    let people = People::begin(server.api()).await;
    let others = join_all((0..OTHERS).map(|_| server.api().register())).await;
    let (clients, place) = refreshing(server.api()).await;
    let server = moved(server, (&old, &new), &place, "first.db").await;
    people.are_as_before(server.api()).await;
    let filled = vec![
        ("SIGNET_DATABASE_URL", sqlite(&folder, "other.db")),
        ("SIGNET_REDIS_URL", cluster.url()),
    ];
    let filled = run(&folder, &["import", "first.db"], &filled);
    let refusal = "Redis has data of Signet";
    assert!(filled.stderr.contains(refusal), "{filled:?}");
    let moving = {
        let cluster = Arc::clone(&cluster);
        spawn_blocking(move || cluster.move_slots(4_000, 0, 1))
    };
    let server = moved(server, (&new, &back), &place, "second.db").await;
    println!("slots move: {}", !moving.is_finished());
    people.are_as_before(server.api()).await;
    for other in others {
        server.api().next_token(&other.refresh_token).await;
    }
    place.send(Place::Finished).unwrap();
    for client in clients {
        client.await.unwrap();
    }
    moving.await.unwrap();
    server.stop();
}

#[tokio::test]
async fn filled_stores_damaged_files_and_running_servers_are_refused() {
    let folder = Arc::new(Folder::with_keys());
    let old = vec![("SIGNET_DATABASE_URL", sqlite(&folder, "signet.db"))];
    let server = serve(&folder, &old);
    server.api().register().await;
    let mut beside = old.clone();
    let operations = server.operations().address().to_string();
    beside.push(("SIGNET_OPS_LISTEN", operations));
    let running = run(&folder, &["export", "early.db"], &beside);
    assert!(running.stderr.contains("stop every server"), "{running:?}");
    server.stop();

    run(&folder, &["export", "all.db"], &old).succeeded();
    let again = run(&folder, &["export", "all.db"], &old);
    assert!(again.stderr.contains("all.db exists"), "{again:?}");
    let filled = run(&folder, &["import", "all.db"], &old);
    assert!(
        filled
            .stderr
            .contains("the database has data in the table accounts"),
        "{filled:?}"
    );
    let new = vec![("SIGNET_DATABASE_URL", sqlite(&folder, "new.db"))];
    let database = run(&folder, &["import", "data/signet.db"], &new);
    assert!(
        database.stderr.contains("name a file of `signet export`"),
        "{database:?}"
    );
    let path = folder.path().join("all.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes
        .windows(12)
        .position(|part| part == b"$argon2id$v=")
        .unwrap();
    bytes[at + 3] = b'G';
    std::fs::write(&path, bytes).unwrap();
    let damaged = run(&folder, &["import", "all.db"], &new);
    assert!(
        damaged.stderr.contains("it was damaged or changed"),
        "{damaged:?}"
    );
}

type Settings = Vec<(&'static str, String)>;

fn sqlite(folder: &Folder, name: &str) -> String {
    let path = folder.database().with_file_name(name);
    format!("sqlite://{}", path.display())
}

fn borrowed(settings: &Settings) -> Vec<(&str, &str)> {
    settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect()
}

fn serve(folder: &Arc<Folder>, settings: &Settings) -> Server {
    Server::within(Arc::clone(folder), &borrowed(settings))
}

fn run(folder: &Folder, arguments: &[&str], settings: &Settings) -> Ran {
    run_signet(folder, arguments, &borrowed(settings))
}

/// Steps 3 to 6: stops the server and starts one on the new stores.
async fn moved(
    server: Server,
    (from, to): (&Settings, &Settings),
    place: &watch::Sender<Place>,
    file: &str,
) -> Server {
    let folder = Arc::clone(server.folder());
    let begun = Instant::now();
    place.send(Place::Nowhere).unwrap();
    server.stop();
    run(&folder, &["export", file], from).succeeded();
    let metadata = std::fs::metadata(folder.path().join(file)).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    run(&folder, &["import", file], to).succeeded();
    let server = serve(&folder, to);
    eprintln!("the move took {} ms", begun.elapsed().as_millis());
    place.send(Place::At(server.api().address())).unwrap();
    server
}

/// Accounts whose sessions have ended in several ways, and one whose session has not.
struct People {
    lives: Account,
    logged_out: Account,
    everywhere: Account,
    after: Account,
}

impl People {
    async fn begin(api: &Api) -> Self {
        let lives = api.register().await;
        let logged_out = api.register().await;
        let body = json!({"refresh_token": logged_out.refresh_token});
        api.post("/auth/logout", &body).await.expect(204);
        let everywhere = api.register().await;
        log_out_everywhere(api, &everywhere).await;
        let after = api.login(&everywhere.email).await;
        Self {
            lives,
            logged_out,
            everywhere,
            after,
        }
    }

    /// Ends the sessions of an account once more, in the new stores.
    async fn end_more(&self, api: &Api) {
        log_out_everywhere(api, &self.lives).await;
        api.login(&self.lives.email).await;
    }

    async fn are_as_before(&self, api: &Api) {
        for ended in [&self.logged_out, &self.everywhere] {
            let refreshed = api.refresh(&ended.refresh_token).await;
            refreshed.problem(401, "session_ended");
            api.me(&ended.access_token).await.expect(401);
        }
        api.me(&self.after.access_token).await.expect(200);
        api.login(&self.lives.email).await;
    }
}

async fn log_out_everywhere(api: &Api, account: &Account) {
    let nothing = json!({});
    let ended = api.post_as("/auth/logout-all", &account.access_token, &nothing);
    ended.await.expect(204);
}

/// Where the server is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    At(SocketAddr),
    Nowhere,
    Finished,
}

/// Clients that refresh one after the other, and the channel that tells them where.
async fn refreshing(api: &Api) -> (Vec<JoinHandle<usize>>, watch::Sender<Place>) {
    let (place, seen) = watch::channel(Place::At(api.address()));
    let mut clients = Vec::new();
    for _ in 0..4 {
        let token = api.register().await.refresh_token;
        clients.push(tokio::spawn(refresh_until_told(token, seen.clone())));
    }
    (clients, place)
}

/// Refreshes without a pause. A refresh without an answer is repeated at the next place.
async fn refresh_until_told(mut token: String, mut place: watch::Receiver<Place>) -> usize {
    let mut refreshes = 0;
    loop {
        let at = *place
            .wait_for(|place| *place != Place::Nowhere)
            .await
            .unwrap();
        let Place::At(address) = at else {
            return refreshes;
        };
        let api = Api::at(address);
        while *place.borrow() == at {
            let body = json!({"refresh_token": token});
            let request = api.request(Method::POST, "/auth/refresh").json(&body);
            match api.try_send(request).await {
                Some(reply) => token = reply.expect(200).member("refresh_token"),
                None => break,
            }
            refreshes += 1;
        }
        // The old server is gone, or the test is over.
        place.wait_for(|place| *place != at).await.unwrap();
    }
}

/// Accounts in many partitions of a Cluster.
const OTHERS: usize = 40;
