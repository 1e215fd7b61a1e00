//! An app that mails, and the mails that arrive.

use signet_test_servers::MailSink;

use crate::support::TestApp;

/// An app that mails to `sink`.
pub(crate) async fn mailing(sink: &MailSink) -> TestApp {
    mailing_with(sink, &[]).await
}

/// The same with further variables.
pub(crate) async fn mailing_with(sink: &MailSink, further: &[(&str, &str)]) -> TestApp {
    let url = sink.url();
    let own = [
        ("SIGNET_SMTP_URL", url.as_str()),
        ("SIGNET_SMTP_FROM", "Example <no-reply@example.com>"),
    ];
    TestApp::with(&[&own, further].concat()).await
}

/// Lets the worker take up mail until none is due; returns how much it took up.
pub(crate) async fn deliver(test: &TestApp) -> usize {
    let mut taken_up = 0;
    loop {
        match test.app.flows.deliver_mail().await.unwrap() {
            0 => return taken_up,
            more => taken_up += more,
        }
    }
}

/// The newest mail, without the soft line breaks of quoted-printable.
pub(crate) fn newest(sink: &MailSink) -> String {
    readable(sink.mails().last().unwrap())
}

/// A mail without the soft line breaks of quoted-printable.
pub(crate) fn readable(mail: &str) -> String {
    mail.replace("=\n", "").replace("=3D", "=")
}

/// The token with this prefix in the newest mail.
pub(crate) fn token(sink: &MailSink, prefix: &str) -> String {
    token_in(&newest(sink), prefix)
}

/// The token with this prefix in a text.
pub(crate) fn token_in(text: &str, prefix: &str) -> String {
    let from = text.find(prefix).unwrap();
    text[from..from + prefix.len() + 43].to_owned()
}

/// The value of a header of a mail.
pub(crate) fn header(mail: &str, name: &str) -> String {
    let line = mail.lines().find(|line| line.starts_with(name));
    line.unwrap().to_owned()
}
