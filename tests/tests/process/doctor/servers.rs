//! `signet doctor` and the versions of other servers: databases, and a server of another version.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use signet_tests::{Folder, Server, StoreChoice};

use super::{Findings, doctor, findings, found_as};

#[tokio::test]
async fn postgresql_and_redis_name_their_versions_their_schema_and_their_clocks() {
    let stores = Arc::new(StoreChoice::Postgres.start());
    let folder = Arc::new(Folder::with_keys());
    let settings = stores.settings();
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let found = findings(&doctor(&folder, &settings));
    found_as(&found, "ok", "database", " has no tables yet");
    found_as(&found, "ok", "database", " has version 1");
    found_as(&found, "ok", "redis", " has version ");
    let clocks = || findings(&doctor(&folder, &settings)).into_iter();
    let clocks: Findings = clocks().filter(|(_, check, _)| check == "clock").collect();
    assert_eq!(clocks.len(), 2, "{clocks:?}");
    for clock in &clocks {
        assert!(clock.0 == "ok" && clock.2.ends_with(" ms"), "{clock:?}");
    }

    drop(Server::on(Arc::clone(&stores), Arc::clone(&folder), &[]));
    let found = findings(&doctor(&folder, &settings));
    found_as(
        &found,
        "ok",
        "database",
        &format!(" has schema {}", newest_schema()),
    );
}

#[test]
fn a_server_of_another_version_is_a_warning() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answers = thread::spawn(move || {
        // One connection asks whether anything listens.
        let streams = listener.incoming().take(3);
        streams.for_each(|stream| answer(stream.unwrap()));
    });
    let found = findings(&doctor(
        &Folder::with_keys(),
        &[("SIGNET_OPS_LISTEN", &address)],
    ));
    let begin =
        format!("the server at http://{address} has version 0.0.9 (0123456789ab), and this");
    found_as(&found, "warning", "server", &begin);
    found_as(
        &found,
        "warning",
        "server",
        ": restart the server, or use the command of its version",
    );
    answers.join().unwrap();
}

/// Answers as a server of an earlier release.
fn answer(mut stream: TcpStream) {
    let lines = BufReader::new(&stream).lines().map_while(Result::ok);
    // All of the request, or closing the connection would reset it.
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(line) = head.first() else { return };
    let body = if line.contains("/metrics") {
        "# TYPE signet_build_info gauge\n\
         signet_build_info{version=\"0.0.9\",commit=\"0123456789ab\"} 1\n"
    } else {
        r#"{"status":"ok","checks":{"database":{"status":"ok"}}}"#
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
}

/// The schema of a PostgreSQL database that this version has made.
fn newest_schema() -> usize {
    let steps = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/store/src/postgres/migrations"
    );
    std::fs::read_dir(steps).expect("the steps").count()
}
