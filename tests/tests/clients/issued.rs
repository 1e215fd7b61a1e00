//! Tokens of a running issuer, the good ones and those that must never pass.

use serde_json::{Map, Value, json};
use signet_tests::{Account, Forger, Server};

use crate::program;

/// An issuer, and tokens that it has issued.
pub struct Issued {
    pub server: Server,
    pub account: Account,
    /// What it gave to a client for itself.
    pub client_token: String,
}

impl Issued {
    /// An issuer that has signed in an account and has given a token to a client.
    pub async fn start() -> Self {
        let server = Server::at_its_public_url();
        let account = server.api().register().await;
        let client = server.add_client(&[
            "reports",
            "--grants=client_credentials",
            "--audiences=api,billing",
            "--scopes=orders:read",
        ]);
        let secret = client["client_secret"].as_str().expect("a secret");
        let form = "grant_type=client_credentials&audience=api&audience=billing";
        let api = server.api();
        let client_token = api.post_form_as("/oauth/token", ("reports", secret), form);
        let client_token = client_token.await.expect(200);
        Self {
            client_token: client_token.member("access_token"),
            server,
            account,
        }
    }

    /// Signs what the issuer would not, with its key.
    pub fn forger(&self) -> Forger {
        Forger::with_key_of(self.server.folder(), &self.account.access_token)
    }

    /// Signs the same with a key that the issuer has not.
    pub fn stranger(&self) -> Forger {
        Forger::with_foreign_key(FOREIGN_KEY, &self.account.access_token)
    }

    /// What a program says of these tokens, as a service for the audience `api`.
    #[track_caller]
    pub fn judged_by(&self, program: &str, tokens: &Map<String, Value>) -> Value {
        let issuer = self.server.api().base();
        let task = json!({"issuer": issuer, "audience": "api", "tokens": tokens});
        program::run(program, &task)
    }

    /// Asserts that a program accepts what is good, and refuses everything else for this reason.
    #[track_caller]
    pub fn are_told_apart_by(&self, program: &str, refusals: &[(&str, &str)]) {
        let good = [("account", ACCEPTED), ("client", "accepted: reports")];
        let expected = good.iter().chain(refusals).map(|(name, verdict)| {
            let verdict = verdict.replace("ACCOUNT", &self.account.id);
            ((*name).to_owned(), Value::from(verdict))
        });
        let verdicts = self.judged_by(program, &self.tokens());
        assert_eq!(verdicts, Value::Object(expected.collect()));
    }

    fn tokens(&self) -> Map<String, Value> {
        let (forger, stranger) = (self.forger(), self.stranger());
        let changed = |changes: Value| forger.with_claims(&changes);
        let named = [
            ("account", self.account.access_token.clone()),
            ("client", self.client_token.clone()),
            ("expired", forger.expired()),
            ("flipped signature", flipped(&self.account.access_token)),
            ("foreign key, our kid", stranger.with_claims(&json!({}))),
            (
                "foreign key",
                stranger.with_header(&json!({"kid": "another"})),
            ),
            ("other audience", changed(json!({"aud": "billing"}))),
            (
                "other issuer",
                changed(json!({"iss": "http://evil.example"})),
            ),
            ("other type", forger.with_header(&json!({"typ": "JWT"}))),
        ];
        named
            .into_iter()
            .map(|(name, token)| (name.to_owned(), token.into()))
            .collect()
    }
}

/// The same token with one bit of its signature changed.
pub fn flipped(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{message}.{first}{}", &signature[1..])
}

/// Of the token of the account.
const ACCEPTED: &str = "accepted: ACCOUNT";
/// A key that no issuer of these tests has.
pub const FOREIGN_KEY: &str = include_str!("../../../crates/verifier/tests/keys/other.private.pem");
