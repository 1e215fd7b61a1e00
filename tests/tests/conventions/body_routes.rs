//! Every route that reads a JSON body, with a body that is fine and what it is answered. It must
//! not know what a test makes of them.

use http::Method;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use signet_tests::{Account, Api, PASSWORD, Reply};

/// An account has this address before the routes are tried.
pub(crate) const TAKEN: &str = "new@example.com";

/// A route that reads a JSON body, and a body that is fine.
pub(crate) struct BodyRoute {
    /// How it is asked.
    pub(crate) method: Method,
    /// Where it is.
    pub(crate) path: &'static str,
    /// The fields of the fine body.
    pub(crate) fields: Vec<Field>,
    /// The status and the code that the fine body gets; no code for a success.
    pub(crate) answer: (u16, &'static str),
    bearer: bool,
}

/// A field of a body.
#[derive(Clone)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether the body is refused without it.
    pub(crate) required: bool,
    value: Value,
}

/// All of them.
pub(crate) fn body_routes() -> Vec<BodyRoute> {
    let open = |path, fields, answer| BodyRoute {
        method: Method::POST,
        path,
        fields,
        answer,
        bearer: false,
    };
    // No account has this address, so no password is right.
    let stranger = required("email", "mallory@example.com");
    let sign_in = vec![
        required("password", PASSWORD),
        optional("token_delivery", "body"),
        optional("client_id", "signet"),
    ];
    let register = vec![required("email", TAKEN), optional("name", "Mallory")];
    let passwords = vec![
        // Each proof is wrong alone, so leaving one out changes nothing.
        optional("current_password", "not this one"),
        optional("code", "123456"),
        required("new_password", "engine no. 11 hums"),
    ];
    let wrong = (401, "invalid_credentials");
    vec![
        open(
            "/auth/register",
            [register, sign_in.clone()].concat(),
            (409, "email_taken"),
        ),
        open("/auth/login", [vec![stranger], sign_in].concat(), wrong),
        open(
            "/auth/login/mfa",
            vec![
                required("mfa_token", "mfa_x"),
                required("code", "123456"),
                optional("token_delivery", "body"),
            ],
            (401, "challenge_failed"),
        ),
        BodyRoute {
            bearer: true,
            ..open(
                "/auth/mfa/totp/confirm",
                vec![required("code", "123456")],
                (404, "not_found"),
            )
        },
        open(
            "/auth/refresh",
            vec![optional("refresh_token", "sgr_x")],
            (401, "session_ended"),
        ),
        open(
            "/auth/logout",
            vec![optional("refresh_token", "sgr_x")],
            (204, ""),
        ),
        BodyRoute {
            bearer: true,
            ..open("/auth/password", passwords, wrong)
        },
        BodyRoute {
            method: Method::DELETE,
            bearer: true,
            ..open(
                "/auth/account",
                vec![
                    optional("password", "not this one"),
                    optional("code", "123456"),
                ],
                wrong,
            )
        },
    ]
}

impl BodyRoute {
    /// A request to this route without a body, by this account where the route asks who it is.
    pub(crate) fn request(&self, api: &Api, account: &Account) -> RequestBuilder {
        let request = api.request(self.method.clone(), self.path);
        if self.bearer {
            request.bearer_auth(&account.access_token)
        } else {
            request
        }
    }

    /// Sends a body that says it is JSON.
    pub(crate) async fn send(&self, api: &Api, account: &Account, body: Vec<u8>) -> Reply {
        let request = self.request(api, account);
        let request = request.header("content-type", "application/json");
        api.send(request.body(body)).await
    }

    /// The body that is fine.
    pub(crate) fn body(&self) -> String {
        self.body_where(|field| Some(field.value.to_string()))
    }

    /// The body with this field spelled otherwise.
    pub(crate) fn body_with(&self, name: &str, spelling: &str) -> String {
        self.body_where(|field| {
            Some(if field.name == name {
                spelling.to_owned()
            } else {
                field.value.to_string()
            })
        })
    }

    /// The body without this field.
    pub(crate) fn body_without(&self, name: &str) -> String {
        self.body_where(|field| (field.name != name).then(|| field.value.to_string()))
    }

    /// The body with this field twice.
    pub(crate) fn body_twice(&self, name: &str) -> String {
        self.body_where(|field| {
            let value = &field.value;
            let again = format!("{value},\"{name}\":{value}");
            Some(if field.name == name {
                again
            } else {
                value.to_string()
            })
        })
    }

    fn body_where(&self, spelling: impl Fn(&Field) -> Option<String>) -> String {
        let members = self
            .fields
            .iter()
            .filter_map(|field| Some(format!("\"{}\":{}", field.name, spelling(field)?)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

fn required(name: &'static str, value: &str) -> Field {
    Field {
        name,
        required: true,
        value: json!(value),
    }
}

fn optional(name: &'static str, value: &str) -> Field {
    Field {
        required: false,
        ..required(name, value)
    }
}
