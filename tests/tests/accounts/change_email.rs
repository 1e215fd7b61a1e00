//! Changing the address of an account, with a mail server.

use serde_json::json;
use signet_test_servers::MailSink;
use signet_tests::{Api, PASSWORD, PATIENCE, StoreChoice, fresh_email, until};

async fn login(api: &Api, email: &str) -> u16 {
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    api.post("/auth/login", &body).await.status
}

/// The mails to an address, without the soft line breaks of quoted-printable.
fn mails_to(sink: &MailSink, email: &str) -> Vec<String> {
    let to = format!("To: {email}\n");
    let mails = sink.mails().into_iter();
    let mails = mails.filter(|mail| mail.contains(&to));
    mails
        .map(|mail| mail.replace("=\n", "").replace("=3D", "="))
        .collect()
}

pub(crate) async fn an_address_changes_when_the_mailed_link_is_used(stores: StoreChoice) {
    let sink = MailSink::start();
    let server = stores.serve_with(&[
        ("SIGNET_SMTP_URL", &sink.url()),
        ("SIGNET_SMTP_FROM", "Example <no-reply@example.com>"),
    ]);
    let api = server.api();
    let account = api.register().await;
    let (old, new) = (account.email.as_str(), fresh_email());
    let asked = api
        .post_as("/auth/email", &account.access_token, &json!({"email": new}))
        .await;
    asked.expect(202);
    until(PATIENCE, "a link for the new address", || {
        mails_to(&sink, &new).len() == 1
    });
    // The link of the registration, and the notice of the change.
    until(PATIENCE, "a notice for the old address", || {
        mails_to(&sink, old).len() == 2
    });
    assert_eq!(login(api, &new).await, 401);
    assert_eq!(login(api, old).await, 200);

    let mail = mails_to(&sink, &new).remove(0);
    let from = mail.find("email_").expect("a link");
    let token = &mail[from..from + "email_".len() + 43];
    let confirm = json!({"token": token});
    api.post("/auth/email/confirm", &confirm).await.expect(204);
    let again = api.post("/auth/email/confirm", &confirm).await;
    again.problem(400, "invalid_token");
    assert_eq!(login(api, old).await, 401);
    let signed_in = api.login(&new).await;
    let me = api.me(&signed_in.access_token).await.expect(200).json();
    assert_eq!(
        (&me["email"], &me["email_verified"]),
        (&json!(new), &json!(true))
    );
}
