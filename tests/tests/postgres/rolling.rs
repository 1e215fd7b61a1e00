//! Three replicas behind a load balancer are replaced one by one, and no request fails.

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use futures::future::join_all;
use http::Method;
use reqwest::RequestBuilder;
use serde_json::json;
use signet_test_servers::free_port;
use signet_tests::{Account, Api, PASSWORD, PATIENCE, Server, gateway, own_address, until, within};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::SharedServers;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_are_replaced_one_by_one_and_no_request_fails() {
    let stores = SharedServers::start();
    let places = [(); 3].map(|()| Place {
        public: own_address(),
        operations: own_address(),
    });
    let mut replicas = places.map(|place| Some(place.start(&stores)));
    let balancer = Balancer::before(&places);
    let visitor = Api::at(balancer.address);
    for number in 0..places.len() {
        in_use(&visitor, number).await;
    }
    let (stop, stopped) = watch::channel(false);
    let people = (0..PEOPLE).map(|_| {
        let person = Person::of(Api::at(balancer.address), stopped.clone());
        tokio::spawn(person)
    });
    let people: Vec<_> = people.collect();
    for (number, place) in places.iter().enumerate() {
        let old = replicas[number].take().expect("an old replica");
        let begun = Instant::now();
        let exit = old.stop();
        println!("replica {number} has stopped: after {:?}", begun.elapsed());
        assert!(exit.status.success(), "{}", exit.logs);
        replicas[number] = Some(place.start(&stores));
        in_use(&visitor, number).await;
    }
    stop.send_replace(true);
    let people = join_all(people).await.into_iter();
    let people: Vec<_> = people.map(|person| person.expect("a whole task")).collect();
    let requests: usize = people.iter().map(|person| person.requests).sum();
    let failed: Vec<_> = people.iter().flat_map(|person| &person.failed).collect();
    println!("{requests} requests, {} failed", failed.len());
    assert!(failed.is_empty(), "{failed:?}");
    assert!(requests > 100, "a steady load");
}

/// Where a replica listens, before it is replaced and afterwards.
#[derive(Clone, Copy)]
struct Place {
    public: SocketAddr,
    operations: SocketAddr,
}

impl Place {
    fn start(&self, stores: &SharedServers) -> Server {
        stores.replica(&[
            ("SIGNET_LISTEN", &self.public.to_string()),
            ("SIGNET_OPS_LISTEN", &self.operations.to_string()),
            ("SIGNET_DRAIN", "2s"),
        ])
    }
}

/// A client that refreshes, reads and signs in again and again.
struct Person {
    api: Api,
    requests: usize,
    failed: Vec<String>,
}

impl Person {
    async fn of(api: Api, stopped: watch::Receiver<bool>) -> Self {
        let mut account = api.register().await;
        let mut person = Self {
            api,
            requests: 1,
            failed: Vec::new(),
        };
        while !*stopped.borrow() {
            person.go_on(&mut account).await;
        }
        person
    }

    async fn go_on(&mut self, account: &mut Account) {
        let refresh = json!({"refresh_token": account.refresh_token});
        let login = json!({"email": account.email, "password": PASSWORD});
        let post = |path| self.api.request(Method::POST, path);
        let me = self.api.request(Method::GET, "/auth/me");
        let steps = [
            ("refresh", post("/auth/refresh").json(&refresh)),
            ("me", me.bearer_auth(&account.access_token)),
        ];
        let login = post("/auth/login").json(&login);
        for (name, request) in steps {
            if let Some(json) = self.expect(name, request).await
                && let Some(token) = json["refresh_token"].as_str()
            {
                account.refresh_token = token.to_owned();
            }
        }
        if self.requests.is_multiple_of(5) {
            self.expect("login", login).await;
        }
    }

    /// What a request was answered, if that was a success.
    async fn expect(&mut self, name: &str, request: RequestBuilder) -> Option<serde_json::Value> {
        self.requests += 1;
        match self.api.try_send(request).await {
            Some(reply) if reply.status == 200 => return Some(reply.json()),
            Some(reply) => {
                let said = format!("{name}: {} {}", reply.status, reply.text());
                self.failed.push(said);
            }
            None => self.failed.push(format!("{name}: no answer")),
        }
        None
    }
}

/// Waits until the load balancer sends requests to this replica.
async fn in_use(visitor: &Api, number: usize) {
    let name = format!("replica-{number}");
    let answered =
        async { while visitor.get("/healthz").await.header("x-replica") != Some(name.as_str()) {} };
    within(PATIENCE, &format!("{name} is in use"), answered).await;
}

/// HAProxy, which asks each replica ten times a second whether it is ready.
struct Balancer {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Balancer {
    fn before(places: &[Place]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let servers = places.iter().enumerate().map(|(number, place)| {
            let (public, operations) = (place.public, place.operations.port());
            format!("  server replica-{number} {public} check port {operations}\n")
        });
        let configuration = CONFIGURATION.replace("{address}", &address.to_string());
        let configuration = configuration + &servers.collect::<String>();
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, configuration).expect("a configuration");
        let child = Command::new("setpriv")
            .arg("--pdeathsig=KILL")
            .arg(gateway::program("haproxy", "haproxy"))
            .args(["-db", "-f"])
            .arg(file)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv, of the package util-linux");
        until(PATIENCE, "haproxy listens", || {
            std::net::TcpStream::connect(address).is_ok()
        });
        Self {
            child,
            address,
            _folder: folder,
        }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

const CONFIGURATION: &str = "\
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  timeout check 10s
frontend public
  bind {address}
  default_backend signet
backend signet
  balance roundrobin
  option httpchk
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host localhost
  http-response set-header x-replica %s
  default-server inter 100ms fall 1 rise 1
";

/// How many send requests, each one after the other.
const PEOPLE: usize = 4;
