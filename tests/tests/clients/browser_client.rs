//! The browser client in Chromium, on a page of Signet's own origin and on one of another origin of
//! the same site.

use serde_json::{Value, json};
use signet_tests::{PASSWORD, Server, fresh_email, own_address};

use crate::program;

#[test]
fn a_page_of_our_own_origin_signs_people_in() {
    signs_people_in(&Site::with_a_page_of_our_own_origin());
}

#[test]
fn a_page_of_an_allowed_origin_of_the_same_site_signs_people_in() {
    signs_people_in(&Site::with_a_page_of_an_allowed_origin());
}

#[test]
fn twenty_tabs_of_our_own_origin_refresh_once_and_sign_out_together() {
    tabs_share_one_session(&Site::with_a_page_of_our_own_origin());
}

#[test]
fn twenty_tabs_of_an_allowed_origin_refresh_once_and_sign_out_together() {
    tabs_share_one_session(&Site::with_a_page_of_an_allowed_origin());
}

#[test]
fn twenty_tabs_renew_their_token_before_it_expires_with_one_refresh() {
    let steps = Site::with_a_page_of_our_own_origin().run("renewsInTime");
    let expected = json!({"renewed_in_time": {"tokens": 1, "refreshes": 1}});
    assert_eq!(steps, expected);
}

#[test]
fn lost_answers_and_sleeping_tabs_sign_nobody_out() {
    let site = Site::with_a_page_of_our_own_origin();
    let expected = json!({
        "lost_answer": [true, 1, 2],
        "refresh_fails": "page.evaluate: TypeError: Failed to fetch",
        "logout_fails": "page.evaluate: TypeError: Failed to fetch",
        "kept": [true, site.email],
        "beside_a_sleeping_tab": [true, true],
        "ended_elsewhere": [204, "session_ended"],
    });
    assert_eq!(site.run("survivesLosses"), expected);
}

#[tokio::test]
async fn the_page_of_the_documentation_signs_in_and_out() {
    let server = Server::at_its_public_url();
    let ada = json!({"email": "ada@example.com", "password": PASSWORD, "token_delivery": "body"});
    server.api().post("/auth/register", &ada).await.expect(201);
    let steps = program::run(
        "browser-page.mjs",
        &task(
            json!({"url": server.api().base(), "document": program::in_the_repository("docs/browser.md")}),
        ),
    );
    let expected = json!({
        "classes": ["signed-in", ""],
        "authorized": [true],
        "account_at_last": "null",
    });
    assert_eq!(steps, expected);
}

#[test]
fn the_module_takes_at_most_four_kibibytes_compressed() {
    let size = program::run(
        "compressed.mjs",
        &json!({"file": program::in_the_repository(MODULE)}),
    );
    println!("client.js, compressed: {size} bytes");
    assert!(
        size["gzip"].as_u64().expect("a size") <= SIZE_BYTES,
        "{size}"
    );
}

#[test]
fn passkeys_cross_the_wire_in_the_json_forms_of_webauthn() {
    let answer = program::run("browser-passkeys.mjs", &task(json!({})));
    let expected = json!({
        "made": ["webauthn.create", true, ["attestationObject", "clientDataJSON", "transports"]],
        "added": "key of Ada",
        "signed": [
            "webauthn.get",
            true,
            ["authenticatorData", "clientDataJSON", "signature", "userHandle"],
        ],
        "signature_verifies": true,
        "account": "ada@example.com",
        "second_factor": ["webauthn.get", true, "mfa-1"],
    });
    assert_eq!(answer, expected);
}

#[track_caller]
fn signs_people_in(site: &Site) {
    let email = &site.email;
    let expected = json!({
        "without_a_session": [null, null, 1],
        "still_without": [null, 0],
        "registered": email,
        "me": email,
        "wrong_password": ["invalid_credentials", 401],
        "kept_by_the_page": [[], ""],
        "reloaded": [true, email, 1],
        "token_for_a_stranger": "page.evaluate: TypeError: https://evil.example gets no access token; \
            list it in the option \"origins\"",
    });
    assert_eq!(site.run("signsIn"), expected);
}

#[track_caller]
fn tabs_share_one_session(site: &Site) {
    let expected = json!({
        "before_the_tabs": 0,
        "tabs": {"signed_in": 20, "tokens": 1, "refreshes": 1},
        "later_tab": [true, 0],
        "refused_once": [200, 2, 2, 1],
        "all_have_the_next": [1, true, 0],
        "refused_always": [401, 2, 1],
        "signed_out": {"tokens": 0, "refreshes": 0},
        "cookies_left": 0,
        "signed_in_again": [1, 0],
    });
    assert_eq!(site.run("sharesAmongTabs"), expected);
}

/// An issuer, the origin of a page that uses it, and who will sign in there.
struct Site {
    server: Server,
    page: String,
    email: String,
}

impl Site {
    fn with_a_page_of_our_own_origin() -> Self {
        let server = Server::at_its_public_url();
        let page = server.api().base().to_owned();
        let email = fresh_email();
        Self {
            server,
            page,
            email,
        }
    }

    fn with_a_page_of_an_allowed_origin() -> Self {
        let (issuer, page) = (own_address(), own_address());
        let page = format!("http://{page}");
        let settings = [
            ("SIGNET_LISTEN", issuer.to_string()),
            ("SIGNET_PUBLIC_URL", format!("http://{issuer}")),
            ("SIGNET_ALLOWED_ORIGINS", page.clone()),
        ];
        let settings = settings.each_ref();
        let server = Server::with(&settings.map(|(name, value)| (*name, value.as_str())));
        let email = fresh_email();
        Self {
            server,
            page,
            email,
        }
    }

    #[track_caller]
    fn run(&self, scenario: &str) -> Value {
        let described = json!({
            "scenario": scenario,
            "url": self.server.api().base(),
            "page": self.page,
            "email": self.email,
            "password": PASSWORD,
        });
        program::run("browser-client.mjs", &task(described))
    }
}

/// A task, with what every program in the browser needs.
fn task(mut described: Value) -> Value {
    described["chromium"] = program::installed("chromium").to_str().into();
    described["module"] = json!(program::in_the_repository(MODULE));
    described
}

const MODULE: &str = "crates/issuer/web/client.js";
/// What the module may take on the wire.
const SIZE_BYTES: u64 = 4_096;
