//! Where commands find and change things: at a running server, or in the configured stores.

use std::error::Error;
use std::fmt::Display;
use std::net::SocketAddr;

use clap::Args;
use signet_store::StoreUrls;

use super::server::Server;
use super::{LAST, admin, complain};
use crate::app::store_urls;
use crate::config::{Loaded, Settings, ways_to_set};
use crate::http_client::{Target, reachable};

/// Where something is done.
#[derive(Args, Debug)]
pub(super) struct PlaceFlags {
    /// The operations listener of the server [default: `ops_listen` on this machine]
    #[arg(long, global = true, value_name = "ADDRESS", value_parser = address, display_order = LAST)]
    endpoint: Option<SocketAddr>,
    /// Use the configured stores, whether a server runs or not
    #[arg(long, global = true, conflicts_with = "endpoint", display_order = LAST)]
    offline: bool,
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "must be an IP address and a port, such as 127.0.0.1:9090")
}

/// Finds the running server and says where it is; none if none runs or none is to be used.
/// `unknown` is what is said when it does not find something.
///
/// # Errors
///
/// When a program listens that is no server which accepts the token of the keys folder, or when
/// nothing listens at the endpoint that the flags name.
pub(super) async fn find_server(
    settings: &Settings,
    flags: &PlaceFlags,
    unknown: &dyn Display,
) -> Result<Option<Server>, Box<dyn Error>> {
    if flags.offline {
        return Ok(None);
    }
    let address = flags
        .endpoint
        .unwrap_or_else(|| reachable(settings.ops_listen));
    if Server::listens(address).await {
        let target = Target::own(address, settings.ops_tls.as_ref())?;
        let found = format!("on the server at {target}");
        let server = Server::at(target, admin::sign_for_command(settings)?.text, unknown).await?;
        complain(&found);
        return Ok(Some(server));
    }
    match flags.endpoint {
        Some(_) => Err(format!(
            "no server answers at {address}; start it, or name the address of its operations listener \
             with --endpoint"
        )
        .into()),
        None => Ok(None),
    }
}

/// The addresses of the configured stores.
///
/// # Errors
///
/// When the database does not exist.
pub(super) fn existing_database(settings: &Settings) -> Result<StoreUrls, String> {
    let urls = store_urls(settings);
    match urls.missing_file() {
        Some(path) => Err(format!(
            "the database {} does not exist; start the server once, or name the database with {}",
            path.display(),
            ways_to_set("database_url")
        )),
        None => Ok(urls),
    }
}

/// The addresses of the configured stores, which are said. Nothing is created: a database that does
/// not exist is not the one of a server.
///
/// # Errors
///
/// When there is no such database.
pub(super) fn existing_stores(loaded: &Loaded) -> Result<StoreUrls, String> {
    let urls = store_urls(&loaded.settings);
    if let Some(path) = urls.missing_file() {
        let address = reachable(loaded.settings.ops_listen);
        return Err(format!(
            "the database {} does not exist, and no server answers at {address}: start \
             the server, or name its address with --endpoint, SIGNET_OPS_LISTEN or ops_listen",
            path.display()
        ));
    }
    let mut shown = loaded.effective.iter();
    let shown = shown.find(|setting| setting.key == "database_url");
    let shown = shown.map_or("", |setting| &setting.value);
    complain(&format_args!("on the store {shown}, without a server"));
    Ok(urls)
}
