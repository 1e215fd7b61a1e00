//! The HTTP interface in process: real stores and keys in a temporary folder, a clock that the
//! test owns, no sockets unless the test is about them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed; clippy knows only functions marked as tests"
)]

mod account_pages;
mod admin;
mod attacks;
mod audit;
mod captcha;
mod change_email;
mod conventions;
mod described;
mod disabled_in_the_store;
mod discovery;
mod drill;
mod enumeration;
mod events;
mod fake_service;
mod forward_auth;
mod front_page;
mod guides;
mod histories;
mod interrupted;
mod limits;
mod limits_of_routes;
mod lockout;
mod login;
mod logs;
mod mail;
mod mail_tls;
mod mailbox;
mod mfa;
mod narrow_tokens;
mod new_passwords;
mod notices;
mod oauth;
mod openapi;
mod openapi_examples;
mod operations;
mod operator_page;
mod own_data;
mod password;
mod planted_cookies;
mod proof_of_work;
mod redirect;
mod registration;
mod registration_by_mail;
mod ring_lag;
mod sessions;
mod shared_limits;
mod shown_names;
mod status_lists;
mod support;
mod wrong_secrets;
