//! Which refresh token counts of those that a browser sends in cookies.
//!
//! A sibling host can set a cookie of the name of ours, and cannot set the binding. So behind https
//! the token counts whose session's binding came with it. This module must not know how cookies
//! are written.

use signet_core::secret::SecretText;
use signet_core::session::RefreshToken;

use crate::flows::Flows;

/// The cookies of a request that carry refresh tokens and bindings.
#[derive(Debug, Default)]
pub struct PresentedCookies {
    /// The values of the refresh cookie.
    pub tokens: Vec<SecretText>,
    /// The values of the binding cookie.
    pub bindings: Vec<SecretText>,
}

/// A refresh token, and whether it may have been planted.
#[derive(Clone, Debug)]
pub struct PresentedToken {
    /// The token.
    pub text: SecretText,
    /// Whether the binding of its session came with it.
    pub possession: Possession,
}

/// Whether a refresh token came from whom the server gave it to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Possession {
    /// It came outside cookies, beside its binding, or the server sets no bindings.
    Settled,
    /// It came in a cookie without a binding. Another host may have planted it, so only sessions
    /// that require no binding accept it.
    Unbound,
}

/// What the cookies of a request come to.
#[derive(Clone, Debug)]
pub enum CookieChoice {
    /// This token.
    One(PresentedToken),
    /// No token was sent.
    Nothing,
    /// No token that counts: there are several, or the binding is another session's.
    Refused,
}

impl Flows {
    /// Whether browsers get bindings: only behind https they keep a cookie that no other host
    /// can set.
    pub fn binds_browsers(&self) -> bool {
        self.settings.issuer.starts_with("https://")
    }

    /// Chooses the refresh token of a request.
    pub fn choose_cookie(&self, mut sent: PresentedCookies) -> CookieChoice {
        let is_bound = |text: &SecretText| self.is_bound(text, &sent.bindings);
        if self.binds_browsers()
            && let Some(text) = sent.tokens.iter().find(|text| is_bound(text))
        {
            let possession = Possession::Settled;
            return CookieChoice::One(PresentedToken {
                text: text.clone(),
                possession,
            });
        }
        let possession = if self.binds_browsers() {
            Possession::Unbound
        } else {
            Possession::Settled
        };
        match (sent.tokens.pop(), sent.tokens.is_empty()) {
            (None, _) => CookieChoice::Nothing,
            (Some(text), true) if sent.bindings.is_empty() => {
                CookieChoice::One(PresentedToken { text, possession })
            }
            _ => CookieChoice::Refused,
        }
    }

    fn is_bound(&self, text: &SecretText, bindings: &[SecretText]) -> bool {
        let mac = &self.keys().mac;
        let Ok(token) = RefreshToken::read(text.expose(), mac) else {
            return false;
        };
        let session = token.handle.session_id();
        let mut bindings = bindings.iter().take(MAX_BINDINGS);
        bindings.any(|binding| mac.is_binding_of(session, binding.expose()))
    }
}

/// A browser keeps one.
const MAX_BINDINGS: usize = 4;
