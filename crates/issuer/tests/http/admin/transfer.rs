//! Import and export of accounts as JSON lines.

use serde_json::{Value, json};
use signet_core::authenticators::Passkey;
use signet_core::ids::AccountId;
use signet_store::AuthenticatorsSwapped;
use signet_verifier::Clock as _;

use super::{Admin, token};
use crate::audit::{self, audited};
use crate::logs::capture;
use crate::mfa::{
    BACKED_UP, Device, ELIGIBLE, EMAIL, Enrolled, PASSWORD, Person, VARIABLES, claims, finish,
    login, mfa_token, refused_silently,
};
use crate::support::{Answer, TestApp, request};
use signet_issuer::config::LogFormat;

const LINES: &str = "application/x-ndjson";
/// Made by Django 5.2, of `correct horse`.
const FOREIGN: &str =
    "pbkdf2_sha256$1000$X2CPc7OIpX6D9EpuWFjhxb$hR/3jQoLT6TVRaA44c+3DOcYuSX8hU8EoWsNPSTOmlk=";
const FOREIGN_PASSWORD: &str = "correct horse";

async fn send(app: &TestApp, bearer: &str, content_type: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {bearer}");
    let headers = [
        ("host", "localhost:9090"),
        ("authorization", bearer.as_str()),
        ("content-type", content_type),
    ];
    let asked = request("POST", "/admin/accounts/import", &headers, body);
    app.send_to_operations(asked).await
}

async fn import(app: &TestApp, body: &str) -> Vec<Value> {
    let admin = token(app, "signet:admin", "signet:admin");
    let answer = send(app, &admin, LINES, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some(LINES));
    let lines = answer.text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn export(app: &TestApp) -> String {
    let answer = Admin::of(app)
        .ask("GET", "/admin/accounts/export", "")
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some(LINES));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.text
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password, "token_delivery": "body"});
    app.post("/auth/login", &body.to_string()).await
}

/// The one invalid field of a verdict, and why.
fn fault(verdict: &Value) -> (&str, &str) {
    assert_eq!(verdict["status"], "refused", "{verdict}");
    let error = &verdict["errors"][0];
    (
        error["field"].as_str().unwrap(),
        error["code"].as_str().unwrap(),
    )
}

#[tokio::test]
async fn each_line_gets_a_verdict_and_a_second_import_changes_nothing() {
    let app = TestApp::start().await;
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let lines = [
        json!({"email": "ada@example.com", "id": id, "name": "Ada", "roles": ["admin"],
            "claims": {"tenant": "acme"}, "email_verified": true, "password_hash": FOREIGN,
            "created_at": "2020-02-02T02:02:02.123Z", "unknown": [1, {"a": 2}]})
        .to_string(),
        String::new(),
        json!({"email": "bob@example.com"}).to_string(),
        json!({"email": "BOB@example.com", "name": "Another"}).to_string(),
        "not JSON".to_owned(),
        json!({"email": "carol"}).to_string(),
    ]
    .join("\n");
    let verdicts = import(&app, &lines).await;
    assert_eq!(verdicts.len(), 5, "{verdicts:?}");
    assert_eq!(verdicts[0], json!({"line": 1, "status": "added", "id": id}));
    assert_eq!(
        (&verdicts[1]["line"], &verdicts[1]["status"]),
        (&json!(3), &json!("added"))
    );
    assert_eq!(
        verdicts[2],
        json!({"line": 4, "status": "exists", "id": verdicts[1]["id"]})
    );
    assert_eq!(
        verdicts[3],
        json!({"line": 5, "status": "refused", "message": "must be one JSON object"})
    );
    assert_eq!(fault(&verdicts[4]), ("email", "invalid"));

    let before = export(&app).await;
    let again = import(&app, &lines).await;
    let statuses: Vec<_> = again.iter().map(|verdict| &verdict["status"]).collect();
    assert_eq!(
        statuses,
        ["exists", "exists", "exists", "refused", "refused"]
    );
    assert_eq!(again[0]["id"], id);
    assert_eq!(export(&app).await, before);

    let admin = Admin::of(&app);
    let ada = admin.get(&format!("/admin/accounts/{id}")).await;
    for (member, expected) in [
        ("email", json!("ada@example.com")),
        ("name", json!("Ada")),
        ("roles", json!(["admin"])),
        ("claims", json!({"tenant": "acme"})),
        ("created_at", json!("2020-02-02T02:02:02Z")),
        ("email_verified", json!(true)),
        ("status", json!("active")),
        ("mfa", json!([])),
    ] {
        assert_eq!(ada[member], expected, "{member}");
    }
    let bob = admin.get("/admin/accounts?email=bob@example.com").await;
    assert_eq!(bob["accounts"][0]["status"], "invited");
}

#[tokio::test]
async fn a_foreign_hash_is_replaced_at_the_first_sign_in() {
    let app = TestApp::start().await;
    let line = json!({"email": EMAIL, "password_hash": FOREIGN}).to_string();
    import(&app, &line).await;
    let wrong = sign_in(&app, EMAIL, "correct Horse").await;
    assert_eq!(wrong.problem(), (401, "invalid_credentials".to_owned()));
    assert!(export(&app).await.contains(FOREIGN));
    for _ in 0..2 {
        assert_eq!(sign_in(&app, EMAIL, FOREIGN_PASSWORD).await.status, 200);
        let exported = export(&app).await;
        let exported: Value = serde_json::from_str(&exported).unwrap();
        let hash = exported["password_hash"].as_str().unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }
    let wrong = sign_in(&app, EMAIL, "correct Horse").await;
    assert_eq!(wrong.problem(), (401, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn an_imported_authenticator_app_is_asked_for_its_code() {
    let app = TestApp::start().await;
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let line = json!({"email": EMAIL, "password_hash": FOREIGN, "totp": {"secret": secret}});
    import(&app, &line.to_string()).await;
    let first = sign_in(&app, EMAIL, FOREIGN_PASSWORD).await;
    assert_eq!(first.problem(), (401, "mfa_required".to_owned()));
    let phone = crate::mfa::Authenticator::with_secret(secret);
    let token = first.member("mfa_token");
    let code = phone.code(&app);
    let second = finish(&app, &token, ("code", &code)).await;
    assert_eq!(second.status, 200, "{}", second.text);
    assert!(!export(&app).await.contains(secret));
}

/// An account with everything, one that is disabled, and one that is invited.
async fn fill(app: &TestApp) -> Enrolled {
    let enrolled = Enrolled::new(app).await;
    let admin = Admin::of(app);
    let found = admin.get("/admin/accounts").await;
    let id = found["accounts"][0]["id"].as_str().unwrap();
    let id: AccountId = id.parse().unwrap();
    let authenticators = &app.app.flows.stores.authenticators;
    let record = authenticators.find(id).await.unwrap().unwrap();
    let with = record.add_passkey(Passkey {
        credential_id: vec![1, 2, 3],
        public_key: vec![4, 5, 6],
        counter: 7,
        backup_eligible: true,
        backed_up: false,
        name: Some("Phone".parse().unwrap()),
        created_at: app.clock.now(),
        last_used_at: Some(app.clock.now()),
    });
    let swapped = authenticators.swap(&with.unwrap()).await.unwrap();
    assert_eq!(swapped, AuthenticatorsSwapped::Done);
    let change = json!({"roles": ["admin"], "claims": {"tenant": "acme", "n": [1, null]},
        "email_verified": true, "name": "Ada \u{1f980}"});
    let path = format!("/admin/accounts/{id}");
    admin.ask("PATCH", &path, &change.to_string()).await;
    let others = [
        json!({"email": "bob@example.com", "password_hash": FOREIGN, "status": "disabled",
            "mfa_policy": "required"}),
        json!({"email": "carol@example.com", "created_at": "1999-12-31T23:59:59.999Z"}),
    ];
    let others = others.map(|line| line.to_string()).join("\n");
    assert_eq!(import(app, &others).await.len(), 2);
    enrolled
}

#[tokio::test]
async fn an_import_of_an_export_is_the_same_accounts() {
    let app = TestApp::start().await;
    let enrolled = fill(&app).await;
    let exported = export(&app).await;
    assert_eq!(exported.lines().count(), 3);

    // The same keys folder and another database.
    let other = TestApp::start().await;
    let verdicts = import(&other, &exported).await;
    assert!(verdicts.iter().all(|verdict| verdict["status"] == "added"));
    assert_eq!(export(&other).await, exported);

    // Everything works there.
    assert_eq!(login(&other).await.problem().0, 401);
    let token = mfa_token(&other).await;
    let used = finish(&other, &token, ("recovery_code", &enrolled.codes[0])).await;
    assert_eq!(used.status, 200, "{}", used.text);
    other.clock.advance(std::time::Duration::from_secs(30));
    let token = mfa_token(&other).await;
    let code = enrolled.app.code(&other);
    let used = finish(&other, &token, ("code", &code)).await;
    assert_eq!(used.status, 200, "{}", used.text);
    let disabled = sign_in(&other, "bob@example.com", FOREIGN_PASSWORD).await;
    assert_eq!(disabled.problem().0, 401);
}

#[tokio::test]
async fn an_imported_passkey_signs_in_and_its_counter_goes_on() {
    let app = TestApp::with(&VARIABLES).await;
    let mut phone = Device::new(1);
    phone.counter = 41;
    phone.flags |= ELIGIBLE | BACKED_UP;
    let person = Person::register(&app).await;
    assert_eq!(phone.register(&app, &person).await.status, 201);
    phone.counter = 42;
    assert_eq!(phone.sign_in(&app).await.status, 200);
    let exported = export(&app).await;
    let line: Value = serde_json::from_str(&exported).unwrap();
    let passkey = &line["passkeys"][0];
    assert_eq!(passkey["counter"], 42);
    let flags = (&passkey["backup_eligible"], &passkey["backed_up"]);
    assert_eq!(flags, (&json!(true), &json!(true)));

    let other = TestApp::with(&VARIABLES).await;
    let verdicts = import(&other, &exported).await;
    assert_eq!(verdicts[0]["status"], "added");
    // A copy of the device would repeat the count.
    refused_silently(&phone.sign_in(&other).await);
    phone.counter = 43;
    let signed_in = phone.sign_in(&other).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    assert_eq!(claims(&signed_in)["amr"], json!(["swk", "user", "mfa"]));
    let line: Value = serde_json::from_str(&export(&other).await).unwrap();
    assert_eq!(line["passkeys"][0]["counter"], 43);
}

#[tokio::test]
async fn a_line_that_would_break_a_rule_is_refused_and_names_its_field() {
    let app = TestApp::start().await;
    fill(&app).await;
    let taken = export(&app).await;
    let taken = taken.lines().find(|line| line.contains(EMAIL)).unwrap();
    let taken: Value = serde_json::from_str(taken).unwrap();
    let with_email = |mut line: Value| {
        line["email"] = "new@example.com".into();
        line.to_string()
    };
    let bcrypt = "$2b$31$UMf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/u";
    let sealed = json!({"sealed_secret": "AAAA", "last_step": 7});
    let short = json!({"secret": "GEZDGNBV"});
    let full: Vec<_> = taken["passkeys"].as_array().unwrap().clone();
    let twice = [full.clone(), full.clone()].concat();
    for (line, expected) in [
        (
            json!({"password_hash": bcrypt}),
            ("password_hash", "too_costly"),
        ),
        (
            json!({"password_hash": "hunter2"}),
            ("password_hash", "unsupported"),
        ),
        (
            json!({"password_hash": "$2b$10$x"}),
            ("password_hash", "malformed"),
        ),
        (json!({"password_hash": 1}), ("password_hash", "wrong_type")),
        (json!({"status": "active"}), ("status", "invalid")),
        (json!({"claims": {"sub": 1}}), ("claims", "invalid")),
        (json!({"roles": ["a b"]}), ("roles", "invalid")),
        (
            json!({"created_at": "yesterday"}),
            ("created_at", "invalid"),
        ),
        (json!({"id": "7"}), ("id", "invalid")),
        (json!({"id": taken["id"]}), ("id", "invalid")),
        (json!({"totp": sealed}), ("totp", "invalid")),
        (json!({"totp": taken["totp"]}), ("totp", "invalid")),
        (json!({"totp": short}), ("totp", "invalid")),
        (
            json!({"recovery_codes": ["AAAA"]}),
            ("recovery_codes", "invalid"),
        ),
        (json!({"passkeys": full}), ("passkeys", "invalid")),
        (json!({"passkeys": twice}), ("passkeys", "invalid")),
        (json!({"passkeys": [{}]}), ("passkeys", "invalid")),
    ] {
        let verdicts = import(&app, &with_email(line.clone())).await;
        assert_eq!(fault(&verdicts[0]), expected, "{line}");
        let said = verdicts[0].to_string();
        assert!(
            !said.contains("hunter2") && !said.contains("new@"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn an_import_needs_its_media_type_and_a_token_that_may_change_accounts() {
    let app = TestApp::start().await;
    let line = json!({"email": EMAIL}).to_string();
    let admin = token(&app, "signet:admin", "signet:admin");
    let refused = send(&app, &admin, "application/json", &line).await;
    assert_eq!(
        refused.problem(),
        (415, "unsupported_media_type".to_owned())
    );
    let reader = token(&app, "signet:admin", "signet:admin:read");
    let refused = send(&app, &reader, LINES, &line).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    let bearer = format!("Bearer {reader}");
    let headers = [("host", "localhost"), ("authorization", bearer.as_str())];
    let asked = request("GET", "/admin/accounts/export", &headers, "");
    let refused = app.send_to_operations(asked).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    assert_eq!(export(&app).await, "");
}

#[tokio::test]
async fn imports_and_exports_are_events_that_name_nobody() {
    let (captured, guard) = capture(LogFormat::Json);
    let (app, _folder, trail) = audited().await;
    let lines = (0..250).map(|number| {
        json!({"email": format!("p{number}@example.com"), "password_hash": FOREIGN}).to_string()
    });
    let lines: Vec<_> = lines.collect();
    let verdicts = import(&app, &lines.join("\n")).await;
    assert_eq!(verdicts.len(), 250);
    let exported = export(&app).await;
    assert_eq!(exported.lines().count(), 250);
    drop(guard);
    let text = captured.text();
    assert_eq!(text.matches("\"accounts.imported\"").count(), 3, "{text}");
    assert_eq!(text.matches("\"accounts.exported\"").count(), 1, "{text}");
    let kept = audit::lines(&trail);
    let kept: Vec<_> = kept.iter().map(|line| &line["type"]).collect();
    let (imported, exported) = ("accounts.imported", "accounts.exported");
    assert_eq!(kept, [imported, imported, imported, exported]);
    assert!(
        !text.contains("@example.com") && !text.contains("pbkdf2"),
        "{text}"
    );
    assert_eq!(sign_in(&app, "p7@example.com", PASSWORD).await.status, 401);
}
