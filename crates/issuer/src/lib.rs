//! The HTTP interface and the command line of Signet.
//!
//! Only this crate binds sockets, reads the environment or exits, and only in the functions that
//! `main` calls; all other functions take arguments. It must not hold rules (`signet_core` does) nor
//! know databases (`signet_store` does).

mod admin;
mod app;
mod auth;
mod bounded_client;
mod browser_client;
mod cached;
mod captcha;
pub mod cli;
mod client_documents;
pub mod config;
mod discovery;
mod error;
mod extract;
mod forward_auth;
mod gateways;
mod guides;
mod health;
mod http_client;
mod json_lines;
mod key_listing;
mod limits;
mod link_pages;
mod log_queue;
pub mod logging;
mod logout_client;
mod mail;
pub mod metrics;
mod middleware;
mod oauth;
mod openapi;
mod outgoing;
mod pages;
mod passkey_options;
mod password_ranges;
mod qr;
mod refusals;
mod rfc3339;
pub mod routes;
mod samples;
mod server;
mod status_lists;
mod streamed;
mod tls;
mod traces;
mod views;

pub use app::App;
pub use extract::Peer;
pub use middleware::service::ListenerService;
pub use server::{Listener, Listeners, run};
