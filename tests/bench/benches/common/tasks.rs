//! What a worker sends: requests as clients of Signet send them.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::load::Task;
use crate::wire::{Connection, get, post, post_json};

/// The newest refresh token of a session, which several loads use one after the other.
pub type Session = Arc<Mutex<String>>;

/// The same request again and again, which must be answered with this status.
pub fn repeat(request: Vec<u8>, status: u16) -> Task {
    Box::new(move |connection| {
        connection.send(&request).expect(status);
    })
}

/// Exchanges the newest refresh token of a session.
pub fn refresh(session: &Session) -> Task {
    let session = Arc::clone(session);
    Box::new(move |connection| {
        let mut token = session.lock().unwrap_or_else(PoisonError::into_inner);
        *token = exchanged(connection, &token);
    })
}

/// The same, but every fifth request sends the token before again, as a client does that lost the
/// answer. It gets the same successor.
pub fn refresh_with_replays(session: &Session) -> Task {
    let session = Arc::clone(session);
    let (mut sent, mut before) = (0_u32, String::new());
    Box::new(move |connection| {
        let mut token = session.lock().unwrap_or_else(PoisonError::into_inner);
        sent += 1;
        if sent.is_multiple_of(5) {
            assert_eq!(exchanged(connection, &before), *token, "a replay");
            return;
        }
        let next = exchanged(connection, &token);
        before = std::mem::replace(&mut *token, next);
    })
}

/// Signs in to an account, and keeps the session if `into` is there.
pub fn login(account: u32, into: Option<Arc<Mutex<Vec<Session>>>>) -> Task {
    let request = post_json("/auth/login", &credentials(account));
    Box::new(move |connection| {
        let answer = connection.send(&request);
        let token = answer.expect(200).member("refresh_token").to_owned();
        if let Some(sessions) = &into {
            let mut sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.push(Arc::new(Mutex::new(token)));
        }
    })
}

/// Registers an account and returns its access token.
pub fn register(connection: &mut Connection, account: u32) -> String {
    let answer = connection.send(&post_json("/auth/register", &credentials(account)));
    answer.expect(201).member("access_token").to_owned()
}

/// A token by `client_credentials`.
pub fn client_credentials(id: &str, secret: &str) -> Task {
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    let kind = format!("application/x-www-form-urlencoded\r\nauthorization: Basic {basic}");
    let request = post("/oauth/token", &kind, "grant_type=client_credentials");
    repeat(request, 200)
}

/// A gateway's question about an access token.
pub fn forward_auth(access_token: &str) -> Task {
    let bearer = format!("authorization: Bearer {access_token}\r\n");
    repeat(get("/forward-auth/default", &bearer), 200)
}

/// A refresh token whose last letter is wrong, and with it the tag.
pub fn garbage(session: &Session) -> Task {
    let mut token = session
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let last = token.pop();
    token.push(if last == Some('A') { 'B' } else { 'A' });
    let body = format!(r#"{{"refresh_token":"{token}"}}"#);
    repeat(post_json("/auth/refresh", &body), 401)
}

/// The public keys.
pub fn jwks() -> Task {
    repeat(get("/.well-known/jwks.json", ""), 200)
}

fn exchanged(connection: &mut Connection, token: &str) -> String {
    let request = post_json(
        "/auth/refresh",
        &format!(r#"{{"refresh_token":"{token}"}}"#),
    );
    let answer = connection.send(&request);
    answer.expect(200).member("refresh_token").to_owned()
}

fn credentials(account: u32) -> String {
    format!(
        r#"{{"email":"person-{account}@example.com","password":"engine no. 9 steams","token_delivery":"body"}}"#
    )
}
