//! A server with certificates of its own, reached by curl and by `openssl s_client`.

use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use signet_tests::{
    Folder, PASSWORD, Ran, SOON, Server, fresh_email, own_address, run_signet, until,
};

#[test]
fn a_certificate_is_all_that_an_https_url_needs() {
    let secure = Secure::start(&[]);
    assert!(secure.server.logs().contains("signet ready on https://"));
    for (version, protocol) in [("--http1.1", "1.1"), ("--http2", "2")] {
        for tls in ["1.2", "1.3"] {
            let answer = secure.curl(&[
                version,
                &format!("--tlsv{tls}"),
                "--tls-max",
                tls,
                "--write-out=%{http_version} %{http_code}",
                "/healthz",
            ]);
            assert_eq!(answer, format!("{{\"status\":\"ok\"}}{protocol} 200"));
        }
    }
    for version in ["--http1.1", "--http2"] {
        let code = "--write-out=%{http_code}";
        let answer = secure.curl(&[version, "--header=host: user@localhost", code, "/healthz"]);
        assert_eq!(answer, "400", "{version}");
    }
    let old = secure.curl_fails(&["--tlsv1.0", "--tls-max", "1.1", "/healthz"]);
    assert!(old.contains("alert"), "{old}");
    let body = json!({"email": fresh_email(), "password": PASSWORD}).to_string();
    let answer = secure.curl(&[
        "--http2",
        "--include",
        "--header=content-type: application/json",
        &format!("--data={body}"),
        "/auth/register",
    ]);
    assert!(answer.starts_with("HTTP/2 201"), "{answer}");
    assert!(
        answer.contains("set-cookie: __Secure-signet_refresh="),
        "{answer}"
    );
    assert!(answer.contains("Secure"), "{answer}");
}

#[test]
fn openssl_agrees_on_versions_and_protocols() {
    let secure = Secure::start(&[]);
    let trusted = secure.folder.path("server.pem");
    for (arguments, expected) in [
        (
            &["-tls1_3", "-alpn", "h2,http/1.1"][..],
            "ALPN protocol: h2",
        ),
        (&["-tls1_2", "-alpn", "http/1.1"], "ALPN protocol: http/1.1"),
        (&["-tls1_3"], "No ALPN negotiated"),
        (&["-tls1_3", "-CAfile", &trusted], "Verification: OK"),
    ] {
        let said = secure.s_client(secure.address, arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    let refused = secure.s_client(secure.address, &["-tls1_1"]);
    assert!(refused.contains("Cipher is (NONE)"), "{refused}");
}

#[test]
fn a_new_certificate_is_used_without_a_restart_and_a_broken_one_is_not() {
    let secure = Secure::start(&[]);
    let before = secure.serial();
    secure.folder.renew("server");
    until(SOON, "a new certificate is used", || {
        secure.serial() != before
    });
    let renewed = secure.serial();
    assert_eq!(renewed, secure.folder.serial("server"));

    fs::write(secure.folder.path("server.pem"), "broken").unwrap();
    secure.server.look_at_keys();
    until(SOON, "a broken certificate is named", || {
        secure.server.logs().contains("keep the previous one")
    });
    assert_eq!(secure.serial(), renewed);
    let report = secure.ready();
    assert_eq!(report["status"], "degraded");
    let detail = report["checks"]["certificate"]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("keeps the previous certificate: tls.cert_file: "),
        "{detail}"
    );

    secure.folder.renew("server");
    secure.server.look_at_keys();
    until(SOON, "a whole certificate is used again", || {
        secure.serial() == secure.folder.serial("server")
    });
    assert_eq!(secure.ready()["status"], "ok");
}

#[test]
fn the_operations_listener_admits_the_certificates_of_its_authority() {
    let certificates = Certificates::new();
    certificates.renew("operations");
    certificates.sign_client();
    let secure = Secure::with(
        certificates,
        &[
            ("SIGNET_OPS_TLS_CERT_FILE", "operations.pem"),
            ("SIGNET_OPS_TLS_KEY_FILE", "operations-key.pem"),
            ("SIGNET_OPS_TLS_CLIENT_CA_FILE", "authority.pem"),
        ],
    );
    let port = secure.operations.port();
    let url = format!("https://localhost:{port}/readyz");
    let place = format!("--connect-to=localhost:{port}:{}", secure.operations);
    let folder = &secure.folder;
    let trusted = format!("--cacert={}", folder.path("operations.pem"));
    let show = |name: &str| {
        [
            format!("--cert={}", folder.path(&format!("{name}.pem"))),
            format!("--key={}", folder.path(&format!("{name}-key.pem"))),
        ]
    };
    let without = curl(&[&trusted, &place, &url]);
    assert!(!without.status.success(), "{without:?}");
    let [cert, key] = show("server");
    let stranger = curl(&[&trusted, &place, &cert, &key, &url]);
    assert!(!stranger.status.success(), "{stranger:?}");
    let [cert, key] = show("client");
    let known = curl(&[&trusted, &place, &cert, &key, &url]);
    let report: Value = serde_json::from_slice(&known.stdout).unwrap();
    assert_eq!(report["status"], "ok", "{report}");
    assert_eq!(report["checks"]["ops_certificate"]["status"], "ok");

    // Commands on the machine show the certificate of the server.
    let listed = secure.run(&["client", "list"]);
    assert!(listed.success, "{listed:?}");
    let place = format!("on the server at https://{}", secure.operations);
    assert!(listed.stderr.contains(&place), "{listed:?}");
    secure.run(&["healthcheck"]).succeeded();
}

#[test]
fn the_check_of_the_configuration_reads_the_files() {
    let folder = Certificates::new();
    let check = |settings: &[(&str, &str)]| run_signet(&folder.0, &["config", "check"], settings);
    let url = ("SIGNET_PUBLIC_URL", "https://localhost");
    let cert = ("SIGNET_TLS_CERT_FILE", "server.pem");
    let key = ("SIGNET_TLS_KEY_FILE", "server-key.pem");
    assert!(check(&[url, cert, key]).success);
    for (settings, error) in [
        (vec![url, cert], "tls.cert_file needs tls.key_file"),
        (
            vec![cert, key],
            "public_url must be https, because tls.cert_file is set",
        ),
        (
            vec![url, cert, ("SIGNET_TLS_KEY_FILE", "none.pem")],
            "tls.key_file: cannot read none.pem: No such file or directory",
        ),
        (
            vec![("SIGNET_OPS_TLS_CLIENT_CA_FILE", "authority.pem")],
            "ops_tls.client_ca_file needs ops_tls.cert_file",
        ),
    ] {
        let checked = check(&settings);
        assert!(!checked.success, "{error}");
        assert!(checked.stderr.contains(error), "{checked:?}");
    }
    let unready = [url, cert, ("SIGNET_TLS_KEY_FILE", "none.pem")];
    let served = run_signet(&folder.0, &["serve"], &unready);
    assert!(!served.success);
    let source =
        "No such file or directory (os error 2) (from environment variable SIGNET_TLS_KEY_FILE)";
    assert!(served.stderr.contains(source), "{served:?}");
}

/// A folder with certificates in it.
struct Certificates(Arc<Folder>);

impl Certificates {
    /// A folder with keys of Signet and a certificate of a server.
    fn new() -> Self {
        let new = Self(Arc::new(Folder::with_keys()));
        new.renew("server");
        new
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Makes a certificate that signs itself, or replaces it.
    fn renew(&self, name: &str) {
        self.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
            &format!("{name}-key.pem"),
            "-out",
            &format!("{name}.pem"),
        ]);
    }

    /// Makes an authority, and the certificate of a client that it signs.
    fn sign_client(&self) {
        self.renew("authority");
        self.openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=prometheus",
            "-addext",
            "keyUsage=digitalSignature",
            "-keyout",
            "client-key.pem",
            "-out",
            "client.csr",
        ]);
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            "client.csr",
            "-CA",
            "authority.pem",
            "-CAkey",
            "authority-key.pem",
            "-CAcreateserial",
            "-copy_extensions",
            "copyall",
            "-days",
            "2",
            "-out",
            "client.pem",
        ]);
    }

    fn serial(&self, name: &str) -> String {
        self.openssl(&["x509", "-noout", "-serial", "-in", &format!("{name}.pem")])
    }

    fn openssl(&self, arguments: &[&str]) -> String {
        let ran = Command::new("openssl")
            .args(arguments)
            .current_dir(self.0.path())
            .output();
        let ran = ran.expect("openssl runs");
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    }
}

/// A server with a certificate.
struct Secure {
    server: Server,
    address: SocketAddr,
    operations: SocketAddr,
    settings: Vec<(String, String)>,
    folder: Certificates,
}

impl Secure {
    fn start(settings: &[(&str, &str)]) -> Self {
        Self::with(Certificates::new(), settings)
    }

    fn with(folder: Certificates, settings: &[(&str, &str)]) -> Self {
        let (address, operations) = (own_address(), own_address());
        let own = [
            ("SIGNET_LISTEN", address.to_string()),
            ("SIGNET_OPS_LISTEN", operations.to_string()),
            (
                "SIGNET_PUBLIC_URL",
                format!("https://localhost:{}", address.port()),
            ),
            ("SIGNET_TLS_CERT_FILE", "server.pem".to_owned()),
            ("SIGNET_TLS_KEY_FILE", "server-key.pem".to_owned()),
            ("SIGNET_TRUSTED_PROXIES", String::new()),
        ];
        let given = settings
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let settings: Vec<_> = own.into_iter().chain(given).collect();
        let told: Vec<_> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Self {
            server: Server::within(Arc::clone(&folder.0), &told),
            address,
            operations,
            settings: settings
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            folder,
        }
    }

    /// Requests the path, which is the last argument.
    fn request(&self, arguments: &[&str]) -> Output {
        let (path, options) = arguments.split_last().unwrap();
        let port = self.address.port();
        let trusted = format!("--cacert={}", self.folder.path("server.pem"));
        let place = format!("--connect-to=localhost:{port}:{}", self.address);
        let url = format!("https://localhost:{port}{path}");
        curl(&[options, &[trusted.as_str(), &place, &url][..]].concat())
    }

    fn curl(&self, arguments: &[&str]) -> String {
        let ran = self.request(arguments);
        assert!(ran.status.success(), "{arguments:?}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    }

    fn curl_fails(&self, arguments: &[&str]) -> String {
        let ran = self.request(arguments);
        assert!(!ran.status.success(), "{arguments:?}: {ran:?}");
        String::from_utf8(ran.stderr).unwrap()
    }

    fn s_client(&self, address: SocketAddr, arguments: &[&str]) -> String {
        let ran = Command::new("openssl")
            .args([
                "s_client",
                "-connect",
                &address.to_string(),
                "-servername",
                "localhost",
            ])
            .args(arguments)
            .stdin(Stdio::null())
            .output();
        String::from_utf8_lossy(&ran.expect("openssl runs").stdout).into_owned()
    }

    /// The serial number of the certificate that the server shows.
    fn serial(&self) -> String {
        let shown = self.s_client(self.address, &[]);
        let (_, rest) = shown.split_once("-----BEGIN CERTIFICATE-----").unwrap();
        let (inner, _) = rest.split_once("-----END CERTIFICATE-----").unwrap();
        let pem = format!("-----BEGIN CERTIFICATE-----{inner}-----END CERTIFICATE-----\n");
        fs::write(self.folder.path("shown.pem"), pem).unwrap();
        self.folder.serial("shown")
    }

    fn ready(&self) -> Value {
        let ran = curl(&[&format!("http://{}/readyz", self.operations)]);
        serde_json::from_slice(&ran.stdout).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let settings = self.settings.iter();
        let settings: Vec<_> = settings
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        run_signet(&self.folder.0, arguments, &settings)
    }
}

/// Runs curl, which takes the value of an option as an argument of its own.
fn curl(arguments: &[&str]) -> Output {
    let split = |argument: &&str| match argument.split_once('=') {
        Some((option, value)) if option.starts_with("--") => {
            vec![option.to_owned(), value.to_owned()]
        }
        _ => vec![(*argument).to_owned()],
    };
    let curl = Command::new("curl")
        .args(["-sS", "--noproxy", "*"])
        .args(arguments.iter().flat_map(split))
        .output();
    curl.expect("curl runs")
}
