//! The static site of the documentation behind Apache's OpenID module, with a person in Chromium.

use std::fs::{self, File, Permissions};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use signet_test_servers::free_port;
use signet_tests::gateway::program as gateway;
use signet_tests::{Folder, PASSWORD, PATIENCE, Server, within};

use crate::program;

#[tokio::test]
async fn the_apache_of_the_documentation_signs_people_in_and_out_before_a_static_site() {
    let server = Server::at_its_public_url();
    let listen = format!("127.0.0.1:{}", free_port());
    let app = format!("http://{listen}");
    let client = server.add_client(&[
        "handbook",
        "--name=Handbook",
        "--first-party",
        "--audiences=handbook",
        &format!("--redirect-uris={app}/signed-in"),
        &format!("--post-logout-redirect-uris={app}/signed-out.html"),
        &format!("--backchannel-logout-uri={app}/signed-in?logout=backchannel"),
    ]);
    let email = server.api().register().await.email;
    let secret = client["client_secret"].as_str().expect("a secret");
    let mut apache = Apache::start(&[
        ("ISSUER", server.api().base()),
        ("CLIENT_ID", "handbook"),
        ("CLIENT_SECRET", secret),
        ("COOKIE_KEY", "known-to-this-test"),
        ("APP", &app),
        ("LISTEN", &listen),
    ]);
    within(PATIENCE, "Apache listens", apache.listens(&listen)).await;
    let task = json!({
        "app": app,
        "issuer": server.api().base(),
        "email": email,
        "password": PASSWORD,
        "chromium": program::installed("chromium").to_str(),
    });
    let expected = json!({
        "asked": "Sign in",
        "signed_in": "Handbook",
        "cookie": [true, "Lax"],
        "kept": "Handbook",
        "planted": 400,
        "signed_out": "You are signed out",
        "asked_again": "Sign in",
        "signed_in_again": "Handbook",
        "ended_at_signet": "Sign in",
    });
    let done = program::run("browser-site.mjs", &task);
    assert_eq!(done, expected, "{}", apache.log());
}

/// The Apache of the documentation, until it is dropped.
struct Apache {
    child: Child,
    folder: Folder,
}

impl Apache {
    /// Starts it with these variables.
    fn start(variables: &[(&str, &str)]) -> Self {
        let folder = Folder::empty();
        publish_site(folder.path());
        let log = File::create(folder.path().join(LOG)).expect("a log");
        let configuration = example().join("httpd.conf");
        let apache = gateway("apache", "apache2");
        let modules = apache.ancestors().nth(2).expect("the folder of Apache");
        let child = Command::new("setpriv")
            .arg("--pdeathsig=TERM")
            .arg(&apache)
            .arg("-f")
            .arg(fs::canonicalize(configuration).expect("an example"))
            .args(["-D", "FOREGROUND"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("MODULES", modules.join("root/usr/lib/apache2/modules"))
            .env("SITE", folder.path().join("site"))
            .env("RUN", folder.path())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("setpriv, of the package util-linux");
        Self { child, folder }
    }

    async fn listens(&mut self, address: &str) {
        while TcpStream::connect(address).is_err() {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "{}", self.log());
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG)).expect("own log")
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // Its workers are in the group.
        let _gone = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _status = self.child.wait();
    }
}

/// Copies the site to where the workers of Apache, which run as another user, can read it.
fn publish_site(folder: &Path) {
    let site = folder.join("site");
    fs::create_dir(&site).expect("own folder");
    for entry in fs::read_dir(example().join("site")).expect("an example") {
        let entry = entry.expect("a readable entry");
        fs::copy(entry.path(), site.join(entry.file_name())).expect("a copy");
    }
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("own folder");
}

fn example() -> PathBuf {
    program::in_the_repository("docs/examples/apache-openid")
}

const LOG: &str = "apache.log";
/// Between two looks at whether Apache listens.
const PAUSE: Duration = Duration::from_millis(20);
