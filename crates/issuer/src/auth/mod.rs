//! Accounts and sessions: one file per route under `/auth`, and what they share.
//!
//! A route's file reads from the top: request, response, handler, flow. This module must not know
//! how anything is stored, and holds no rule about sessions; those are `signet_core::session`.

mod account_view;
mod bearer;
mod delete_account;
mod delivery;
mod ending;
mod fields;
mod login;
mod logout;
mod logout_all;
mod me;
mod password;
mod password_check;
mod refresh;
mod register;
mod sessions;
mod sign_in;
mod token_response;

pub use ending::finish_pending_endings;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::app::App;

/// Every route under `/auth`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/auth/register", post(register::register))
        .route("/auth/login", post(login::login))
        .route("/auth/refresh", post(refresh::refresh))
        .route("/auth/logout", post(logout::logout))
        .route("/auth/logout-all", post(logout_all::logout_all))
        .route("/auth/me", get(me::me))
        .route("/auth/password", post(password::change_password))
        .route("/auth/sessions", get(sessions::list_sessions))
        .route("/auth/sessions/{sid}", delete(sessions::delete_session))
        .route("/auth/account", delete(delete_account::delete_account))
}
