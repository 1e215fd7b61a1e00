//! The worker that sends mail, in the real program: killed between sending and marking, and without a
//! mail server at first.
//!
//! Mail that was leased or postponed is due again after half a minute or more. The tests do not wait:
//! they make it due in the database.

use std::net::SocketAddr;
use std::path::Path;

use rusqlite::Connection;
use signet_test_servers::{MailSink, free_port};
use signet_tests::{PATIENCE, Server, until};

const FROM: (&str, &str) = ("SIGNET_SMTP_FROM", "Example <no-reply@example.com>");

/// The attempts on each mail that waits.
fn attempts(database: &Path) -> Vec<u32> {
    let connection = Connection::open(database).expect("a database");
    let mut rows = connection
        .prepare("SELECT attempts FROM outbox")
        .expect("a table");
    let attempts = rows.query_map([], |row| row.get(0)).expect("rows");
    attempts
        .map(|attempts| attempts.expect("a number"))
        .collect()
}

fn make_due(database: &Path) {
    let connection = Connection::open(database).expect("a database");
    let changed = connection.execute("UPDATE outbox SET due = 0", []);
    assert_eq!(changed.expect("a table"), 1);
}

fn message_id(mail: &str) -> &str {
    let line = mail.lines().find(|line| line.starts_with("Message-ID: "));
    line.expect("an id")
}

#[tokio::test]
async fn mail_is_sent_once_more_if_the_process_dies_before_it_notes_that_it_was_sent() {
    let sink = MailSink::start();
    sink.hold_answers(true);
    let mut server = Server::with(&[("SIGNET_SMTP_URL", &sink.url()), FROM]);
    let database = server.folder().database();
    server.api().register().await;
    until(PATIENCE, "a mail that was taken", || {
        sink.mails().len() == 1
    });
    server.kill();
    assert_eq!(attempts(&database), [1]);

    sink.hold_answers(false);
    make_due(&database);
    server.start_again();
    until(PATIENCE, "an empty outbox", || {
        attempts(&database).is_empty()
    });
    let mails = sink.mails();
    assert_eq!(mails.len(), 2, "one of them is the duplicate");
    // Mail programs show mails with one id as one.
    assert_eq!(message_id(&mails[0]), message_id(&mails[1]));
    server.stop();
    assert_eq!(sink.mails().len(), 2);
}

#[tokio::test]
async fn mail_waits_while_the_mail_server_is_away_and_through_a_crash() {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let url = format!("smtp://{address}");
    let mut server = Server::with(&[("SIGNET_SMTP_URL", &url), FROM]);
    let database = server.folder().database();
    server.api().register().await;
    let not_yet = |count: usize| server.logs().matches("a mail was not sent yet").count() >= count;
    until(PATIENCE, "a first attempt", || not_yet(1));
    make_due(&database);
    until(PATIENCE, "a second attempt", || not_yet(2));
    assert_eq!(attempts(&database), [2]);
    server.kill();

    let sink = MailSink::at(address);
    sink.answer_with(451);
    make_due(&database);
    server.start_again();
    let logs = || server.logs();
    until(PATIENCE, "a refusal for now", || {
        logs().contains("with code 451")
    });
    sink.answer_with(250);
    make_due(&database);
    until(PATIENCE, "an empty outbox", || {
        attempts(&database).is_empty()
    });
    assert_eq!(sink.mails().len(), 1);
}
