//! Signet through the eyes of others: libraries that many services and programs use verify its
//! tokens and speak OAuth with it, unmodified.
//!
//! The programs lie in `tests/clients`; `tests/install-clients.sh` installs what they use. Each is
//! given one JSON document and answers with one, on which these tests decide.

mod account_page;
mod apache_openid;
mod browser;
mod browser_client;
mod browser_redirect;
mod cache;
mod device;
mod enrolment;
mod events;
mod examples;
mod foreign;
mod guides;
mod issued;
mod judge;
mod mcp;
mod oauth;
mod operator_page;
mod passkeys;
mod program;
mod proof_of_work;
mod redirect;
mod status_lists;
mod totp;
mod verifiers;
mod web_apps;

signet_tests::on_every_store! {
    passkeys {
        passkeys_of_a_browser_work_everywhere_and_another_judge_agrees
    }
}
