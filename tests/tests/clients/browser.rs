//! The cookie as browsers handle it: tough-cookie keeps it by their rules, for a page of our own
//! origin and for one of another origin that is allowed.

use serde_json::{Value, json};
use signet_tests::{PASSWORD, Server, fresh_email};

use crate::program;

#[test]
fn a_page_of_our_own_origin_stays_signed_in_by_the_cookie() {
    let server = Server::at_its_public_url();
    let page = Page {
        public_url: server.api().base(),
        origin: server.api().base(),
    };
    let steps = page.visits(&server);
    let cookie = json!({
        "name": "signet_refresh", "httpOnly": true, "secure": false, "sameSite": "strict",
        "path": "/auth",
    });
    assert_eq!(steps["cookie"], cookie);
    is_signed_in_until_it_leaves(&steps);
}

#[test]
fn a_page_of_an_allowed_origin_stays_signed_in_by_the_cookie() {
    let page = Page {
        public_url: "https://auth.example.com",
        origin: "https://app.example.com",
    };
    let server = Server::with(&[
        ("SIGNET_PUBLIC_URL", page.public_url),
        ("SIGNET_ALLOWED_ORIGINS", page.origin),
    ]);
    let steps = page.visits(&server);
    let cookie = json!({
        "name": "__Secure-signet_refresh", "httpOnly": true, "secure": true, "sameSite": "strict",
        "path": "/auth",
    });
    assert_eq!(steps["cookie"], cookie);
    is_signed_in_until_it_leaves(&steps);
    for step in ["registered", "refreshed", "logged_out", "without_cookie"] {
        assert_eq!(steps[step]["readable"], true, "{step}");
    }
}

/// Where the page believes the issuer to be, and where it comes from itself.
struct Page<'a> {
    public_url: &'a str,
    origin: &'a str,
}

impl Page<'_> {
    fn visits(&self, server: &Server) -> Value {
        let task = json!({
            "address": server.api().base(),
            "public_url": self.public_url,
            "origin": self.origin,
            "email": fresh_email(),
            "password": PASSWORD,
        });
        program::run("browser-tough-cookie.mjs", &task)
    }
}

#[track_caller]
fn is_signed_in_until_it_leaves(steps: &Value) {
    let step = |name: &str| {
        let step = &steps[name];
        (
            step["status"].as_u64(),
            step["sent"].as_bool(),
            step["code"].as_str(),
        )
    };
    assert_eq!(step("registered"), (Some(201), Some(false), None));
    assert_eq!(steps["sent_elsewhere"], false);
    assert_eq!(step("me"), (Some(200), Some(true), None));
    assert_eq!(step("refreshed"), (Some(200), Some(true), None));
    assert_eq!(steps["tabs"], json!([200]));
    assert_eq!(steps["turned"], true);

    let rejected = (Some(403), Some(false), Some("csrf_rejected"));
    assert_eq!(step("from_another_site"), rejected);
    let rejected = (Some(403), Some(true), Some("csrf_rejected"));
    assert_eq!(step("from_a_foreign_page"), rejected);
    for page in ["from_another_site", "from_a_foreign_page"] {
        assert_eq!(steps[page]["readable"], false, "{page}");
    }
    assert_eq!(step("still_here"), (Some(200), Some(true), None));

    assert_eq!(step("logged_out"), (Some(204), Some(true), None));
    assert_eq!(steps["left"], json!([]));
    assert_eq!(
        step("without_cookie"),
        (Some(401), Some(false), Some("token_missing"))
    );
    assert_eq!(
        step("with_the_old_cookie"),
        (Some(401), Some(true), Some("session_ended"))
    );
    assert_eq!(steps["left_at_last"], json!([]));
}
