//! Second factors, step-up, and what administrators do for people.

use http::Method;
use serde_json::{Value, json};
use signet_tests::{Account, Api, PASSWORD, Reply, Server, StoreChoice, bearer, fresh_email};

use crate::authenticator::Authenticator;

const NEW_PASSWORD: &str = "engine no. 10 whistles";

/// The administration API of a server, and a token for it.
struct Admin {
    operations: Api,
    token: String,
}

impl Admin {
    fn of(server: &Server) -> Self {
        let printed = server.run(&["admin", "token"]);
        assert!(printed.success, "{printed:?}");
        Self {
            operations: server.operations(),
            token: printed.stdout.trim().to_owned(),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> Reply {
        let request = self.operations.request(method, path);
        let request = request.header("authorization", bearer(&self.token));
        self.operations.send(request.json(body)).await
    }

    async fn get(&self, path: &str) -> Value {
        let reply = self.operations.get_as(path, &self.token).await;
        reply.expect(200).json()
    }

    async fn import(&self, lines: String) -> String {
        let request = self
            .operations
            .request(Method::POST, "/admin/accounts/import");
        let request = request.header("authorization", bearer(&self.token));
        let request = request.header("content-type", "application/x-ndjson");
        self.operations
            .send(request.body(lines))
            .await
            .expect(200)
            .text()
    }
}

/// The token in a link.
fn token_in(reply: &Reply) -> String {
    let url = reply.member("url");
    let (_, token) = url.split_once("token=").expect("a token");
    token.to_owned()
}

async fn sign_in(api: &Api, email: &str, password: &str) -> Reply {
    let body = json!({"email": email, "password": password, "token_delivery": "body"});
    api.post("/auth/login", &body).await
}

/// Enrols an app by the first of its codes; the second and the recovery codes are left.
async fn enrol(api: &Api, account: &Account) -> (Authenticator, Vec<Value>) {
    let offer = api
        .post_as("/auth/mfa/totp", &account.access_token, &json!({}))
        .await;
    let offer = offer.expect(200);
    let app = Authenticator::with_secret(&offer.member("secret"));
    let [first, _] = app.codes();
    let confirmed = api
        .post_as(
            "/auth/mfa/totp/confirm",
            &account.access_token,
            &json!({"code": first}),
        )
        .await;
    let codes = confirmed.expect(200).json()["recovery_codes"].clone();
    (app, codes.as_array().expect("codes").clone())
}

async fn finish(api: &Api, email: &str, factor: (&str, &Value)) -> Reply {
    let waiting = sign_in(api, email, PASSWORD).await;
    assert_eq!(waiting.problem(401, "mfa_required")["methods"][0], "totp");
    let token = waiting.member("mfa_token");
    let body = json!({"mfa_token": token, factor.0: factor.1, "token_delivery": "body"});
    api.post("/auth/login/mfa", &body).await
}

pub(crate) async fn a_second_factor_is_enrolled_asked_for_and_removed(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let (app, recovery_codes) = enrol(api, &account).await;
    let [_, second] = app.codes();
    let signed_in = finish(api, &account.email, ("code", &json!(second))).await;
    let access_token = signed_in.expect(200).member("access_token");
    finish(api, &account.email, ("code", &json!(second)))
        .await
        .problem(401, "invalid_credentials");
    let first_code = &recovery_codes[0];
    let used = finish(api, &account.email, ("recovery_code", first_code));
    used.await.expect(200);
    let again = finish(api, &account.email, ("recovery_code", first_code));
    again.await.problem(401, "invalid_credentials");

    let me = api.me(&access_token).await.expect(200).json();
    assert_eq!(me["mfa"], json!(["totp"]));
    let replaced = api
        .post_as("/auth/mfa/recovery-codes", &access_token, &json!({}))
        .await;
    let replaced = replaced.expect(200).json();
    assert_eq!(
        replaced["recovery_codes"].as_array().map(Vec::len),
        Some(10)
    );
    let remove = api.request(Method::DELETE, "/auth/mfa/totp");
    let remove = remove.header("authorization", bearer(&access_token));
    api.send(remove.json(&json!({}))).await.expect(204);
    sign_in(api, &account.email, PASSWORD).await.expect(200);
}

pub(crate) async fn a_step_up_is_a_new_token_of_the_same_session(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let options = api
        .post_as("/auth/step-up/options", &account.access_token, &json!({}))
        .await;
    let options = options.expect(200).json();
    assert_eq!(options["methods"], json!(["password"]));
    let wrong = json!({"password": "not my password"});
    let refused = api
        .post_as("/auth/step-up", &account.access_token, &wrong)
        .await;
    refused.problem(401, "invalid_credentials");
    let right = json!({"password": PASSWORD});
    let stepped_up = api
        .post_as("/auth/step-up", &account.access_token, &right)
        .await;
    let stepped_up = stepped_up.expect(200);
    assert_eq!(stepped_up.json()["session_id"], account.session_id);
    assert_eq!(stepped_up.json()["refresh_token"], Value::Null);
    api.me(&stepped_up.member("access_token")).await.expect(200);
}

pub(crate) async fn people_rename_themselves_and_read_all_that_is_stored(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let name = json!({"name": "Ada"});
    let renamed = api.patch_as("/auth/me", &account.access_token, &name).await;
    assert_eq!(renamed.expect(200).json()["name"], "Ada");
    let exported = api.get_as("/auth/export", &account.access_token).await;
    let exported = exported.expect(200).text();
    assert!(exported.contains("\"Ada\"") && exported.contains(&account.session_id));
}

pub(crate) async fn an_administrator_adds_changes_and_deletes_accounts(stores: StoreChoice) {
    let server = stores.serve();
    let (api, admin) = (server.api(), Admin::of(&server));
    let email = fresh_email();
    let new = json!({"email": email, "password": PASSWORD, "roles": ["clerk"], "name": "Ada"});
    let added = admin
        .ask(Method::POST, "/admin/accounts", &new)
        .await
        .expect(201);
    admin
        .ask(Method::POST, "/admin/accounts", &new)
        .await
        .problem(409, "email_taken");
    let path = format!("/admin/accounts/{}", added.member("id"));
    let session = sign_in(api, &email, PASSWORD).await.expect(200);
    assert_eq!(session.json()["account"]["roles"], json!(["clerk"]));

    let change = json!({"roles": ["editor"], "claims": {"tenant": "acme"}});
    let changed = admin
        .ask(Method::PATCH, &path, &change)
        .await
        .expect(200)
        .json();
    assert_eq!(changed["claims"], json!({"tenant": "acme"}));
    // A role was removed, so the token is denied.
    let denied = api.me(&session.member("access_token")).await;
    denied.problem(401, "session_ended");
    let refreshed = api
        .refresh(&session.member("refresh_token"))
        .await
        .expect(200);
    assert_eq!(refreshed.json()["account"]["roles"], json!(["editor"]));
    // The next token is accepted at once, and whatever removes nothing leaves it so.
    for roles in [
        json!(["editor"]),
        json!(["author", "editor"]),
        json!(["editor", "author"]),
    ] {
        api.me(&refreshed.member("access_token")).await.expect(200);
        let change = json!({ "roles": roles });
        admin.ask(Method::PATCH, &path, &change).await.expect(200);
    }
    api.me(&refreshed.member("access_token")).await.expect(200);
    api.me(&session.member("access_token"))
        .await
        .problem(401, "session_ended");
    for (query, count) in [("role=editor", 1), ("role=clerk", 0), ("status=active", 1)] {
        let found = admin.get(&format!("/admin/accounts?{query}")).await;
        assert_eq!(
            found["accounts"].as_array().map(Vec::len),
            Some(count),
            "{query}"
        );
    }
    admin
        .ask(Method::DELETE, &path, &json!({}))
        .await
        .expect(204);
    let gone = sign_in(api, &email, PASSWORD).await;
    gone.problem(401, "invalid_credentials");
}

pub(crate) async fn an_administrator_helps_people_who_cannot_sign_in(stores: StoreChoice) {
    let server = stores.serve();
    let (api, admin) = (server.api(), Admin::of(&server));
    let account = api.register().await;
    enrol(api, &account).await;
    let path = format!("/admin/accounts/{}", account.id);
    let totp = format!("{path}/authenticators/totp");
    admin
        .ask(Method::DELETE, &totp, &json!({}))
        .await
        .expect(204);
    admin
        .ask(Method::DELETE, &totp, &json!({}))
        .await
        .problem(404, "not_found");
    let ended = api.refresh(&account.refresh_token).await;
    ended.problem(401, "session_ended");
    let started = admin
        .ask(
            Method::POST,
            &format!("{path}/password-reset"),
            &json!({"deliver": "link"}),
        )
        .await;
    let token = token_in(&started.expect(200));
    let confirm = json!({"token": token, "new_password": NEW_PASSWORD});
    let path = "/auth/password/reset/confirm";
    api.post(path, &confirm).await.expect(204);
    api.post(path, &confirm).await.problem(400, "invalid_token");
    sign_in(api, &account.email, NEW_PASSWORD).await.expect(200);
    let old = sign_in(api, &account.email, PASSWORD).await;
    old.problem(401, "invalid_credentials");
}

pub(crate) async fn an_invitation_sets_up_an_account_once(stores: StoreChoice) {
    let server = stores.serve_with(&[("SIGNET_REGISTRATION", "invite")]);
    let (api, admin) = (server.api(), Admin::of(&server));
    let email = fresh_email();
    let invite = json!({"email": email, "roles": ["clerk"]});
    let invited = admin.ask(Method::POST, "/admin/invitations", &invite).await;
    let token = token_in(&invited.expect(201));
    let accept = json!({"invitation": token, "password": PASSWORD, "token_delivery": "body"});
    let accepted = api.post("/auth/register", &accept).await.expect(201);
    assert_eq!(accepted.json()["account"]["email"], email);
    assert_eq!(accepted.json()["account"]["roles"], json!(["clerk"]));
    // A repeated request signs in; the token with another password does nothing.
    let again = api.post("/auth/register", &accept).await.expect(201);
    assert_eq!(again.json()["account"], accepted.json()["account"]);
    let other = json!({"invitation": token, "password": NEW_PASSWORD, "token_delivery": "body"});
    let again = api.post("/auth/register", &other).await;
    again.problem(400, "invalid_token");
}

pub(crate) async fn imported_people_sign_in_and_are_exported(stores: StoreChoice) {
    let server = stores.serve();
    let (api, admin) = (server.api(), Admin::of(&server));
    // Made by Django 5.2, of "correct horse".
    let hash =
        "pbkdf2_sha256$1000$X2CPc7OIpX6D9EpuWFjhxb$hR/3jQoLT6TVRaA44c+3DOcYuSX8hU8EoWsNPSTOmlk=";
    let emails: Vec<_> = (0..150).map(|_| fresh_email()).collect();
    let lines = emails.iter();
    let lines = lines.map(|email| json!({"email": email, "password_hash": hash}).to_string());
    let lines = lines.collect::<Vec<_>>().join("\n");
    let verdicts = admin.import(lines.clone()).await;
    assert_eq!(verdicts.matches("\"added\"").count(), 150, "{verdicts}");
    let verdicts = admin.import(lines).await;
    assert_eq!(verdicts.matches("\"exists\"").count(), 150, "{verdicts}");
    sign_in(api, &emails[149], "correct horse")
        .await
        .expect(200);
    let exported = admin
        .operations
        .get_as("/admin/accounts/export", &admin.token);
    let exported = exported.await.expect(200).text();
    assert_eq!(exported.lines().count(), 150);
    assert_eq!(exported.matches("pbkdf2_sha256$").count(), 149);
}
