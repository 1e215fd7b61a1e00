//! The settings by section: what belongs together is read together.
//!
//! A field of a section is `None` if its value is wrong. The other values are still read and checked,
//! so that an operator learns every problem at once.

mod log;
mod network;
mod pages;
mod protection;
mod session;
mod stores;
mod tokens;

use signet_store::MissingDatabase;

use self::network::{Browsers, Network};
use self::pages::Pages;
use self::protection::Protection;
use self::stores::Stores;
use self::tokens::Tokens;
use super::reader::Reader;
use super::settings::Settings;
use super::{audit, gateway_profiles, traces};

/// Reads every setting.
pub(super) fn read(reader: &mut Reader) -> Option<Settings> {
    let network = Network::read(reader);
    let stores = Stores::read(reader);
    let tokens = Tokens::read(reader);
    let browsers = Browsers::read(reader, &network);
    let protection = Protection::read(reader);
    let gateway_profiles = gateway_profiles::read(reader, tokens.audience.as_deref());
    let pages = Pages::read(reader, network.public_url.as_ref());
    let audit = audit::read(reader);
    let log = log::read(reader);
    let traces = traces::read(reader);
    Some(Settings {
        listen: network.listen?,
        ops_listen: network.ops_listen?,
        ops_hosts: network.ops_hosts?,
        drain: network.drain?,
        public_url: network.public_url?,
        tls: network.tls?,
        ops_tls: network.ops_tls?,
        database_url: stores.database_url?,
        redis_url: stores.redis_url?,
        redis: stores.redis?,
        missing_database: MissingDatabase::Make,
        migration: stores.migration?,
        audience: tokens.audience?,
        access_token_ttl: tokens.access_token_ttl?,
        session: tokens.session?,
        keys: tokens.keys?,
        status_lists: tokens.status_lists?,
        allowed_origins: browsers.allowed_origins?,
        relying_party: browsers.relying_party?,
        trusted_proxies: browsers.trusted_proxies?,
        proxy_header: browsers.proxy_header?,
        limits: protection.limits?,
        hash_threads: protection.hash_threads?,
        range_url: protection.range_url?,
        proof_of_work: protection.work?,
        captcha: protection.captcha?,
        gateway_profiles: gateway_profiles?,
        mail: pages.mail?,
        registration: pages.registration?,
        link_pages: pages.link_targets?,
        pages: pages.look?,
        client_documents: pages.client_documents?,
        audit: audit?,
        log: log?,
        traces: traces?,
    })
}
