//! Settings of the mail server.

use super::{refused, with};

#[test]
fn a_mail_server_is_never_used_with_tls_that_can_be_left_out() {
    let with_smtp = |url: &str, further: &[(&str, &str)]| {
        let own = [
            ("SIGNET_SMTP_FROM", "no-reply@example.com"),
            ("SIGNET_SMTP_URL", url),
        ];
        with(&[&own, further].concat())
    };
    for url in [
        "smtps://u:p@mail.example",
        "smtp://mail.example?tls=required",
        "smtp://localhost:25",
    ] {
        assert!(with_smtp(url, &[]).is_ok(), "{url}");
    }
    for url in [
        "smtp://mail.example?tls=opportunistic",
        "smtp://mail.example?tls=",
        "smtps://mail.example?tls=opportunistic",
        "http://mail.example",
    ] {
        let problems = refused(with_smtp(url, &[]));
        assert!(
            problems[0].starts_with("smtp.url must be smtps://"),
            "{url}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    let missing = folder.path().join("missing.pem");
    for (file, reason) in [
        (&empty, "must name a file with certificates in PEM"),
        (&missing, "cannot be read: No such file or directory"),
    ] {
        let file = [("SIGNET_SMTP_CA_FILE", file.to_str().unwrap())];
        let problems = refused(with_smtp("smtps://mail.example", &file));
        assert!(problems[0].contains(reason), "{problems:?}");
    }
}

#[test]
fn registration_by_mail_needs_a_mail_server() {
    assert_eq!(
        refused(with(&[("SIGNET_REGISTRATION", "mail")])),
        [
            "registration is mail, but no mail server is set; set smtp.url and smtp.from (from \
             environment variable SIGNET_REGISTRATION)"
        ]
    );
}
