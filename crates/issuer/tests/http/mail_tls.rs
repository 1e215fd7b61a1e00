//! Mail over TLS: what is trusted, what is not, and that nothing is sent without it.

use std::path::PathBuf;

use serde_json::json;
use signet_test_servers::{MailSink, MailTls};

use crate::mailbox::{deliver, newest};
use crate::support::TestApp;

const FROM: (&str, &str) = ("SIGNET_SMTP_FROM", "Example <no-reply@example.com>");

/// A file of the authority that signed the certificate for `localhost`.
fn file(name: &str) -> String {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../store/tests/redis/tls"
    ));
    folder.join(name).to_str().unwrap().to_owned()
}

fn sink(tls: MailTls) -> MailSink {
    let (certificate, key) = (file("server.pem"), file("server-key.pem"));
    MailSink::with_tls(tls, certificate.as_ref(), key.as_ref())
}

/// The URL that asks for this kind of TLS.
fn url(tls: MailTls, host: &str, sink: &MailSink) -> String {
    let port = sink.port();
    match tls {
        MailTls::AtOnce => format!("smtps://{host}:{port}"),
        MailTls::OnRequest => format!("smtp://{host}:{port}?tls=required"),
    }
}

/// Registers Ada, which mails her a link, at a server that mails to `url`.
async fn register(url: &str, authority: Option<&str>) -> TestApp {
    let mut variables = vec![("SIGNET_SMTP_URL", url), FROM];
    variables.extend(authority.map(|file| ("SIGNET_SMTP_CA_FILE", file)));
    let test = TestApp::with(&variables).await;
    let body = json!({"email": "ada@example.com", "password": "engine no. 9 steams"});
    let registered = test.post("/auth/register", &body.to_string()).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    deliver(&test).await;
    test
}

#[tokio::test]
async fn mail_is_sent_over_tls_from_the_start_and_after_starttls() {
    let authority = file("authority.pem");
    for tls in [MailTls::AtOnce, MailTls::OnRequest] {
        let sink = sink(tls);
        register(&url(tls, "localhost", &sink), Some(&authority)).await;
        assert_eq!(sink.mails().len(), 1, "{tls:?}");
        assert!(newest(&sink).contains("To: ada@example.com"));
        let plain: &[&str] = match tls {
            MailTls::AtOnce => &[],
            MailTls::OnRequest => &["EHLO", "STARTTLS"],
        };
        assert_eq!(sink.plain_commands(), plain);
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_or_for_another_name_gets_no_mail() {
    let (right, other) = (file("authority.pem"), file("server.pem"));
    for tls in [MailTls::AtOnce, MailTls::OnRequest] {
        for (host, authority) in [
            ("localhost", None),
            ("localhost", Some(other.as_str())),
            ("127.0.0.1", Some(right.as_str())),
        ] {
            let sink = sink(tls);
            register(&url(tls, host, &sink), authority).await;
            assert_eq!(sink.mails().len(), 0, "{tls:?} {host} {authority:?}");
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_learns_no_address_and_gets_no_mail() {
    let authority = file("authority.pem");
    for tls in [MailTls::AtOnce, MailTls::OnRequest] {
        let sink = MailSink::start();
        register(&url(tls, "localhost", &sink), Some(&authority)).await;
        assert_eq!(sink.mails().len(), 0, "{tls:?}");
        let mut told = sink.plain_commands();
        told.retain(|command| ["MAIL", "RCPT", "AUTH", "DATA"].contains(&command.as_str()));
        assert_eq!(told, Vec::<String>::new(), "{tls:?}");
    }
}

#[tokio::test]
async fn mail_that_waited_for_a_good_certificate_is_sent() {
    let sink = sink(MailTls::AtOnce);
    let url = url(MailTls::AtOnce, "localhost", &sink);
    let test = register(&url, None).await;
    assert_eq!(sink.mails().len(), 0);
    let authority = file("authority.pem");
    let variables = [
        ("SIGNET_SMTP_URL", url.as_str()),
        ("SIGNET_SMTP_CA_FILE", authority.as_str()),
        FROM,
    ];
    let again = test.replica_with(&variables).await;
    again.clock.advance(std::time::Duration::from_secs(31));
    deliver(&again).await;
    assert_eq!(sink.mails().len(), 1);
}
