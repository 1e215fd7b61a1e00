//! Which configurations are shipped, and how a test starts each.

use std::path::Path;

use crate::folder::Folder;

/// One shipped configuration.
#[derive(Debug)]
pub struct Shipped {
    /// What it is called in the tables of the tests.
    pub name: &'static str,
    /// Its folder below `deploy/gateway`.
    pub folder: &'static str,
    /// The gateway, as `tests/install-server.sh` knows it.
    pub(crate) program: &'static str,
    /// The program's file.
    pub(crate) binary: &'static str,
    /// Its arguments; words in braces are places.
    pub(crate) arguments: &'static [&'static str],
    /// What stands in the files, and what is put in its place.
    pub(crate) places: &'static [(&'static str, &'static str)],
    /// Who decides.
    pub asks: Asks,
    /// What an operator does before the start, with the gateway's folder and the issuer's.
    pub(crate) prepare: fn(&Path, &Folder),
}

/// Who decides whether a request may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// The issuer, for each request.
    Issuer,
    /// The gateway, with public keys that it has fetched or was given.
    Keys,
}

impl Shipped {
    /// The configuration of this name.
    pub fn named(name: &str) -> &'static Self {
        let mut shipped = SHIPPED.iter();
        shipped
            .find(|shipped| shipped.name == name)
            .unwrap_or_else(|| panic!("no configuration is called {name}"))
    }
}

fn nothing(_: &Path, _: &Folder) {}

/// Every configuration that is tested with its gateway.
pub const SHIPPED: &[Shipped] = &[Shipped {
    name: "nginx",
    folder: "nginx",
    program: "nginx",
    binary: "nginx",
    arguments: NGINX,
    places: NGINX_PLACES,
    asks: Asks::Issuer,
    prepare: nothing,
}];

/// One process without privileges to give up, and nothing outside its folder.
const NGINX: &[&str] = &[
    "-p",
    "{folder}",
    "-c",
    "nginx.conf",
    "-e",
    "stderr",
    "-g",
    "daemon off; master_process off;",
];
const NGINX_PLACES: &[(&str, &str)] = &[
    ("listen 8000;", "listen {listen};"),
    ("server signet:8080", "server {issuer}"),
    ("server orders:8081", "server {service}"),
    ("/tmp/", "{folder}/"),
    ("modules/", "{cache}/root/usr/lib/nginx/modules/"),
];
