//! Every route that takes a refresh token, and its answer to an invalid one.

use axum::http::HeaderMap;
use serde_json::json;

use super::Scene;
use crate::oauth::FORM;
use crate::support::{Answer, request};

/// A way to show a refresh token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Door {
    RefreshByBody,
    RefreshByCookie,
    LogoutByBody,
    LogoutByCookie,
    TokenEndpoint,
    Revocation,
}

impl Door {
    pub(super) const ALL: [Self; 6] = [
        Self::RefreshByBody,
        Self::RefreshByCookie,
        Self::LogoutByBody,
        Self::LogoutByCookie,
        Self::TokenEndpoint,
        Self::Revocation,
    ];

    /// Shows a token.
    pub(super) async fn show(self, scene: &Scene, token: &str) -> Answer {
        let app = &scene.app;
        let body = json!({"refresh_token": token}).to_string();
        let cookie = format!("signet_refresh={token}");
        let with_cookie = |path| request("POST", path, &[("cookie", cookie.as_str())], "");
        let with_form = |path, form: String| request("POST", path, &[FORM], &form);
        match self {
            Self::RefreshByBody => app.post("/auth/refresh", &body).await,
            Self::LogoutByBody => app.post("/auth/logout", &body).await,
            Self::RefreshByCookie => app.send(with_cookie("/auth/refresh")).await,
            Self::LogoutByCookie => app.send(with_cookie("/auth/logout")).await,
            Self::TokenEndpoint => {
                let form = "grant_type=refresh_token&client_id=signet&refresh_token=";
                app.send(with_form("/oauth/token", format!("{form}{token}")))
                    .await
            }
            Self::Revocation => {
                let form = format!("client_id=signet&token={token}");
                app.send(with_form("/oauth/revoke", form)).await
            }
        }
    }

    /// Shows an invalid token: the answer is the one to any other text.
    pub(super) async fn refuse(self, scene: &Scene, what: &str, token: &str) {
        let answer = self.show(scene, token).await;
        self.assert_refused(&answer, what);
        let garbage = self.show(scene, "garbage").await;
        assert_eq!(answer.text, garbage.text, "{what} at {self:?}");
        assert_eq!(named(&answer), named(&garbage), "{what} at {self:?}");
    }

    fn assert_refused(self, answer: &Answer, what: &str) {
        let cleared = "signet_refresh=; HttpOnly; SameSite=Strict; Path=/auth; Max-Age=0";
        let (status, error, cookie) = match self {
            Self::RefreshByBody => (401, "session_ended", None),
            Self::RefreshByCookie => (401, "session_ended", Some(cleared)),
            Self::LogoutByBody => (204, "", None),
            Self::LogoutByCookie => (204, "", Some(cleared)),
            Self::TokenEndpoint => (400, "invalid_grant", None),
            Self::Revocation => (200, "", None),
        };
        let said = match self {
            Self::RefreshByBody | Self::RefreshByCookie => answer.problem(),
            Self::TokenEndpoint => answer.oauth_error(),
            _ => (answer.status.as_u16(), answer.text.clone()),
        };
        assert_eq!(said, (status, error.to_owned()), "{what} at {self:?}");
        assert_eq!(answer.header("set-cookie"), cookie, "{what} at {self:?}");
    }
}

/// The headers, but for the name of the request.
fn named(answer: &Answer) -> HeaderMap {
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    headers
}
