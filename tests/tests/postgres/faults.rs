//! The network to a store is slow, silent or broken: every request is answered in time, and all is
//! well soon afterwards.

use std::fmt;
use std::time::Duration;

use futures::future::join_all;
use http::Method;
use serde_json::json;
use signet_test_servers::{Postgres, Redis};
use signet_tests::{Account, Api, Fault, Network, PASSWORD, SOON, Server, Usage, within};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_to_redis_with_faults_delays_no_request_for_long() {
    let (redis, postgres) = (Redis::start(), Postgres::start());
    let network = Network::to(redis.socket()).await;
    let server = Server::with(&[
        ("SIGNET_DATABASE_URL", &postgres.url()),
        (
            "SIGNET_REDIS_URL",
            &format!("redis://{}", network.address()),
        ),
    ]);
    survives_faults(&server, &network).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_to_postgres_with_faults_delays_no_request_for_long() {
    let (redis, postgres) = (Redis::start(), Postgres::start());
    let socket = format!(".s.PGSQL.{}", postgres.port());
    let network = Network::to(postgres.folder().join(socket)).await;
    let database = format!("postgres://signet@{}/postgres", network.address());
    let server = Server::with(&[
        ("SIGNET_DATABASE_URL", &database),
        ("SIGNET_REDIS_URL", &redis.url()),
    ]);
    survives_faults(&server, &network).await;
}

async fn survives_faults(server: &Server, network: &Network) {
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(Person::of(server.api().clone()).await);
    }
    served(&mut people).await;
    let before = Usage::of(server.process_id());
    println!("before: {before}");
    for fault in [Fault::Slow, Fault::Cut, Fault::Silent, Fault::Trickle] {
        network.set(fault);
        let answers = served(&mut people).await;
        println!("{fault:?}: {answers}");
        assert!(answers.slowest < SOON, "{answers}");
        network.set(Fault::None);
        let well = join_all(people.iter_mut().map(Person::is_served));
        within(SOON, &format!("all is well after {fault:?}"), well).await;
    }
    let after = Usage::of(server.process_id());
    println!("after: {after}");
    assert!(after.resident < before.resident + ROOM, "{after}");
    assert!(after.threads <= before.threads + FEW, "{after}");
    assert!(after.files <= before.files + FEW, "{after}");
}

/// Lets all clients send requests for some seconds.
async fn served(people: &mut [Person]) -> Answers {
    let begun = Instant::now();
    let all = people.iter_mut().map(|person| person.go_on(begun));
    let mut sum = Answers::default();
    for answers in join_all(all).await {
        sum.successes += answers.successes;
        sum.refusals += answers.refusals;
        sum.slowest = sum.slowest.max(answers.slowest);
    }
    sum
}

/// How requests were answered.
#[derive(Default)]
struct Answers {
    successes: usize,
    refusals: usize,
    slowest: Duration,
}

impl Answers {
    fn add(&mut self, success: bool, after: Duration) {
        self.successes += usize::from(success);
        self.refusals += usize::from(!success);
        self.slowest = self.slowest.max(after);
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (successes, refusals, slowest) = (self.successes, self.refusals, self.slowest);
        write!(
            f,
            "{successes} successes, {refusals} refusals, the slowest after {slowest:?}"
        )
    }
}

/// A client whose session never ends.
struct Person {
    api: Api,
    account: Account,
}

impl Person {
    async fn of(api: Api) -> Self {
        let account = api.register().await;
        Self { api, account }
    }

    async fn go_on(&mut self, begun: Instant) -> Answers {
        let mut answers = Answers::default();
        while begun.elapsed() < FAULTY_FOR {
            for step in STEPS {
                let asked = Instant::now();
                let success = self.takes(step).await;
                answers.add(success, asked.elapsed());
            }
        }
        answers
    }

    /// Repeats every step until it has been a success.
    async fn is_served(&mut self) {
        for step in STEPS {
            while !self.takes(step).await {}
        }
    }

    /// Whether a step was a success. Otherwise it was refused as it is while a store is away.
    async fn takes(&mut self, step: Step) -> bool {
        let api = &self.api;
        let reply = match step {
            Step::Refresh => api.refresh(&self.account.refresh_token).await,
            Step::Read => api.me(&self.account.access_token).await,
            Step::SignIn => {
                let body = json!({"email": self.account.email, "password": PASSWORD});
                let request = api.request(Method::POST, "/auth/login");
                api.send(request.json(&body)).await
            }
        };
        if reply.status != 200 {
            reply.problem(503, "unavailable");
            return false;
        }
        if step == Step::Refresh {
            self.account.refresh_token = reply.member("refresh_token");
        }
        true
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Refresh,
    Read,
    SignIn,
}

const STEPS: [Step; 3] = [Step::Refresh, Step::Read, Step::SignIn];

const PEOPLE: usize = 4;
const FAULTY_FOR: Duration = Duration::from_secs(3);

/// In KiB: what the allocator may keep for the next time.
const ROOM: u64 = 48 * 1024;

/// Connections and threads that come and go.
const FEW: u64 = 8;
