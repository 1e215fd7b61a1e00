//! The services in `docs/examples/verify`, run unchanged beside an issuer. What they let in and what
//! they refuse is the same in every language.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use signet_tests::{Api, Folder, PATIENCE, own_address, within};

use crate::issued::{Issued, flipped};
use crate::program::{self, Running};

#[tokio::test]
async fn the_node_service_lets_in_whom_signet_has_signed_in() {
    lets_in_only_what_is_good("node").await;
}

#[tokio::test]
async fn the_python_service_lets_in_whom_signet_has_signed_in() {
    lets_in_only_what_is_good("python").await;
}

#[tokio::test]
async fn the_php_service_lets_in_whom_signet_has_signed_in() {
    lets_in_only_what_is_good("php").await;
}

#[tokio::test]
async fn the_ruby_service_lets_in_whom_signet_has_signed_in() {
    lets_in_only_what_is_good("ruby").await;
}

#[tokio::test]
async fn the_go_service_lets_in_whom_signet_has_signed_in() {
    lets_in_only_what_is_good("go").await;
}

#[tokio::test]
async fn a_role_is_required_with_the_lines_for_newcomers() {
    let issued = Issued::start().await;
    let account = &issued.account;
    let roles = json!({"roles": ["clerk"]});
    let clerk = issued.forger().with_claims(&roles);
    for (language, fence, above) in [
        (
            "node",
            "js",
            "    const claims = await claimsOf(request);\n",
        ),
        ("python", "python", "        else:\n"),
    ] {
        let folder = Folder::empty();
        let source = source(language);
        let program = fs::read_to_string(&source).expect("a program");
        assert_eq!(program.matches(above).count(), 1, "{language}");
        let page = program::in_the_repository("docs/getting-started.md");
        let page = fs::read_to_string(page).expect("a page");
        let lines = page.split(&format!("```{fence}\n")).nth(1);
        let lines = lines.and_then(|rest| rest.split("```").next());
        let changed = format!("{above}{}", lines.expect("the lines for this language"));
        let copy = folder.path().join(source.file_name().expect("a file"));
        fs::write(&copy, program.replace(above, &changed)).expect("a copy");

        let service = Service::run(language, &copy, issued.server.api().base()).await;
        let refused = (403, String::new());
        assert_eq!(service.asked_with(&account.access_token).await, refused);
        let orders = (200, format!("the orders of {}\n", account.id));
        assert_eq!(service.asked_with(&clerk).await, orders, "{language}");
    }
}

async fn lets_in_only_what_is_good(language: &str) {
    let issued = Issued::start().await;
    let service = Service::start(language, issued.server.api().base()).await;
    let forger = issued.forger();
    let good = &issued.account.access_token;

    let orders_of = |owner: &str| (200, format!("the orders of {owner}\n"));
    let both = forger.with_claims(&json!({"aud": ["billing", "api"]}));
    let account = orders_of(&issued.account.id);
    assert_eq!(service.asked_with(good).await, account);
    assert_eq!(service.asked_with(&both).await, account);
    let reports = service.asked_with(&issued.client_token).await;
    assert_eq!(reports, orders_of("reports"));

    let issuer = issued.server.api().base();
    let now = forger.claims()["iat"].as_u64().expect("iat");
    for (name, token) in [
        ("expired", forger.expired()),
        ("without an end", forger.with_claims(&json!({"exp": null}))),
        (
            "from the future",
            forger.with_claims(&json!({"iat": now + 600, "exp": now + 900})),
        ),
        (
            "other audience",
            forger.with_claims(&json!({"aud": "billing"})),
        ),
        (
            "without an audience",
            forger.with_claims(&json!({"aud": null})),
        ),
        (
            "issuer with a slash",
            forger.with_claims(&json!({"iss": format!("{issuer}/")})),
        ),
        ("other type", forger.with_header(&json!({"typ": "JWT"}))),
        ("without a type", forger.with_header(&json!({"typ": null}))),
        (
            "unknown key",
            forger.with_header(&json!({"kid": "another"})),
        ),
        ("foreign key", issued.stranger().with_claims(&json!({}))),
        (
            "algorithm none",
            forger.with_header(&json!({"alg": "none"})),
        ),
        ("changed signature", flipped(good)),
        ("no token at all", "garbage".to_owned()),
    ] {
        let refused = (401, String::new());
        assert_eq!(
            service.asked_with(&token).await,
            refused,
            "{language}: {name}"
        );
    }
    assert!(service.log().contains("refused: "), "{language}");
    let answer = service.api.get("/orders").await;
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert_eq!(challenge, "Bearer error=\"invalid_token\"");

    // A service that cannot have the keys does not say that the token is bad.
    let alone = Service::start(language, &format!("http://{}", own_address())).await;
    assert_eq!(alone.asked_with(good).await, (503, String::new()));
}

/// One of the services, until it is dropped.
struct Service {
    api: Api,
    _running: Running,
    folder: Folder,
}

impl Service {
    async fn start(language: &str, issuer: &str) -> Self {
        Self::run(language, &source(language), issuer).await
    }

    async fn run(language: &str, source: &Path, issuer: &str) -> Self {
        let folder = Folder::empty();
        let address = own_address();
        let log = File::create(folder.path().join(LOG)).expect("a log");
        let child = command(language, source, folder.path(), address)
            .env_clear()
            .env("ISSUER", issuer)
            .env("AUDIENCE", "api")
            .env("LISTEN", address.to_string())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("it runs");
        let mut running = Running(child);
        let listens = async {
            while TcpStream::connect(address).is_err() {
                let ended = running.0.try_wait().expect("a child");
                assert!(ended.is_none(), "{language}: {ended:?}");
                tokio::time::sleep(PAUSE).await;
            }
        };
        within(PATIENCE, "the service listens", listens).await;
        Self {
            api: Api::at(address),
            _running: running,
            folder,
        }
    }

    /// What the operator of the service reads.
    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG)).expect("a log")
    }

    async fn asked_with(&self, token: &str) -> (u16, String) {
        let answer = self.api.get_as("/orders", token).await;
        (answer.status, answer.text())
    }
}

/// How a reader starts the service, with the libraries that `tests/install-clients.sh` has put into
/// place.
fn command(language: &str, source: &Path, folder: &Path, address: SocketAddr) -> Command {
    if language == "go" {
        return Command::new(built_with_go(source, folder));
    }
    let program = match language {
        "python" => "python/bin/python",
        other => other,
    };
    let mut command = Command::new(program::installed(program));
    match language {
        "node" => command.arg(program::beside_libraries(source, folder)),
        "python" => command.arg("-B").arg(source),
        "php" => command.args(["-S", &address.to_string()]).arg(source),
        _ => command.arg(source),
    };
    command
}

/// The program of a language; for Go its folder.
fn source(language: &str) -> PathBuf {
    let folder = program::in_the_repository("docs/examples/verify").join(language);
    match language {
        "node" => folder.join("orders.mjs"),
        "python" => folder.join("orders.py"),
        "php" => folder.join("orders.php"),
        "ruby" => folder.join("orders.rb"),
        _ => folder,
    }
}

/// Compiles the service in Go without a network: it uses the standard library alone.
fn built_with_go(source: &Path, folder: &Path) -> PathBuf {
    let program = folder.join("orders");
    let built = Command::new(program::installed("go"))
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(source)
        .env("GOCACHE", folder.join("go-cache"))
        .env("GOPROXY", "off")
        .env("GOFLAGS", "-mod=readonly -buildvcs=false")
        .output()
        .expect("go runs");
    assert!(built.status.success(), "{built:?}");
    program
}

/// Between two looks at whether a service listens.
const PAUSE: Duration = Duration::from_millis(20);

/// The file in the service's folder that has its standard error.
const LOG: &str = "service.log";
