//! Which configurations are shipped, and how a test starts each.

use std::fs;
use std::path::Path;

use super::haproxy::update_keys;
use crate::command::run_signet;
use crate::folder::Folder;

/// One shipped configuration.
#[derive(Debug)]
pub struct Shipped {
    /// What it is called in the tables of the tests.
    pub name: &'static str,
    /// Its folder below `deploy/gateway`.
    pub folder: &'static str,
    /// Who decides.
    pub asks: Asks,
    /// The gateway, as `tests/install-server.sh` knows it.
    pub(crate) program: &'static str,
    /// The program's file.
    pub(crate) binary: &'static str,
    /// Its arguments; words in braces are places.
    pub(crate) arguments: &'static [&'static str],
    /// What stands in the files, and what is put in its place.
    pub(crate) places: &'static [(&'static str, &'static str)],
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

/// Every configuration that is tested with its gateway.
pub const SHIPPED: &[Shipped] = &[
    NGINX,
    Shipped {
        name: "nginx-offline",
        asks: Asks::Keys,
        arguments: &nginx_arguments("offline.conf"),
        prepare: export_public_keys,
        ..NGINX
    },
    Shipped {
        name: "caddy",
        folder: "caddy",
        asks: Asks::Issuer,
        program: "caddy",
        binary: "caddy",
        arguments: &["run", "--config", "Caddyfile"],
        places: &[
            ("\n:8000 {", "\n:{listen.port} {\n\tbind 127.0.0.1"),
            ("signet:8080", "{issuer}"),
            ("orders:8081", "{service}"),
        ],
        prepare: nothing,
    },
    Shipped {
        name: "traefik",
        folder: "traefik",
        asks: Asks::Issuer,
        program: "traefik",
        binary: "traefik",
        arguments: &["--configFile=traefik.yaml"],
        places: &[
            (":8000", "{listen}"),
            ("127.0.0.1:8001", "{another}"),
            ("signet:8080", "{issuer}"),
            ("orders:8081", "{service}"),
        ],
        prepare: nothing,
    },
    ENVOY,
    Shipped {
        name: "envoy-offline",
        asks: Asks::Keys,
        arguments: &envoy_arguments("offline.yaml"),
        ..ENVOY
    },
    super::haproxy::HAPROXY,
    APACHE,
    Shipped {
        name: "apache-openidc",
        arguments: &apache_arguments("{folder}/openidc.conf"),
        prepare: |gateway, issuer| update_keys(gateway, issuer, &[]),
        ..APACHE
    },
];

const NGINX: Shipped = Shipped {
    name: "nginx",
    folder: "nginx",
    asks: Asks::Issuer,
    program: "nginx",
    binary: "nginx",
    arguments: &nginx_arguments("nginx.conf"),
    places: &[
        ("listen 8000;", "listen {listen};"),
        ("server signet:8080", "server {issuer}"),
        ("server orders:8081", "server {service}"),
        ("/tmp/", "{folder}/"),
        ("modules/", "{cache}/root/usr/lib/nginx/modules/"),
    ],
    prepare: nothing,
};

const ENVOY: Shipped = Shipped {
    name: "envoy",
    folder: "envoy",
    asks: Asks::Issuer,
    program: "envoy",
    binary: "envoy",
    arguments: &envoy_arguments("envoy.yaml"),
    places: &[
        (
            "address: 0.0.0.0, port_value: 8000",
            "address: 127.0.0.1, port_value: {listen.port}",
        ),
        (
            "address: signet, port_value: 8080",
            "address: 127.0.0.1, port_value: {issuer.port}",
        ),
        (
            "address: orders, port_value: 8081",
            "address: 127.0.0.1, port_value: {service.port}",
        ),
    ],
    prepare: nothing,
};

const APACHE: Shipped = Shipped {
    name: "apache",
    folder: "apache",
    asks: Asks::Keys,
    program: "apache",
    binary: "apache2",
    arguments: &apache_arguments("{folder}/httpd.conf"),
    places: &[
        ("Listen 8000", "Listen {listen}"),
        ("signet:8080", "{issuer}"),
        ("orders:8081", "{service}"),
        (
            "ServerName gateway",
            "ServerName gateway\nUser #65534\nGroup #65534",
        ),
        (" /tmp", " {folder}"),
        ("modules/", "{cache}/root/usr/lib/apache2/modules/"),
        ("/etc/apache2/signet/", "{folder}/keys/"),
    ],
    prepare: nothing,
};

/// Workers as whom the test runs, because other users have no access to the folder.
const fn nginx_arguments(configuration: &'static str) -> [&'static str; 8] {
    let process = "daemon off; user root;";
    [
        "-p",
        "{folder}",
        "-c",
        configuration,
        "-e",
        "stderr",
        "-g",
        process,
    ]
}

/// Beside others of the same test, on few threads.
const fn envoy_arguments(configuration: &'static str) -> [&'static str; 7] {
    let log = "--log-level";
    [
        "--disable-hot-restart",
        "--concurrency",
        "1",
        log,
        "warning",
        "-c",
        configuration,
    ]
}

/// In the foreground, as a child of the test.
const fn apache_arguments(configuration: &'static str) -> [&'static str; 4] {
    ["-f", configuration, "-D", "FOREGROUND"]
}

fn nothing(_: &Path, _: &Folder) {}

/// `keys.json`, a list of `kid` and `pem`.
fn export_public_keys(folder: &Path, issuer: &Folder) {
    let exported = run_signet(issuer, &["keys", "export", "--pem", "--json"], &[]);
    assert!(exported.success, "{exported:?}");
    fs::write(folder.join("keys.json"), exported.stdout).expect("own folder");
}
