//! An upgrade as docs/upgrade.md has it, from another build to this one, while people go on.
//!
//! `make upgrade-check` names the other build. In the suite it is this one, so that the check cannot
//! rot. Replicas share PostgreSQL and Redis and are replaced one by one. A server on SQLite is stopped
//! first.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};
use signet_tests::{
    Api, Folder, PASSWORD, PATIENCE, Ran, Reply, Server, StoreChoice, StoreServers, fresh_email,
    run_program, signet_program, within,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_are_upgraded_one_by_one_and_nothing_acknowledged_is_lost() {
    let upgrade = Upgrade::of(StoreChoice::Postgres);
    let (first, second) = (upgrade.earlier(), upgrade.earlier());
    let mut people = upgrade.people();
    go_on(&mut people, [&first, &second]).await;
    let migrating = upgrade.clone();
    let migrating = tokio::task::spawn_blocking(move || migrating.migrate());
    go_on(&mut people, [&first, &second]).await;
    let has_steps = migrating.await.expect("the steps are applied");
    go_on(&mut people, [&first, &second]).await;
    let third = upgrade.this();
    go_on(&mut people, [&first, &third]).await;
    upgrade.give_roles(&mut people, &third);
    go_on(&mut people, [&second, &third]).await;
    drop(first);
    upgrade.check_earlier_start(has_steps);
    drop(second);
    let fourth = upgrade.this();
    go_on(&mut people, [&third, &fourth]).await;
    nothing_is_lost(&people, &[&third, &fourth]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_sqlite_is_upgraded_and_nothing_acknowledged_is_lost() {
    let upgrade = Upgrade::of(StoreChoice::Sqlite);
    let earlier = upgrade.earlier();
    let mut people = upgrade.people();
    go_on(&mut people, [&earlier, &earlier]).await;
    assert!(earlier.stop().status.success());
    let has_steps = upgrade.migrate();
    let this = upgrade.this();
    upgrade.give_roles(&mut people, &this);
    go_on(&mut people, [&this, &this]).await;
    nothing_is_lost(&people, &[&this]).await;
    assert!(this.stop().status.success());
    upgrade.check_earlier_start(has_steps);
}

/// The stores and keys that the other build has made.
#[derive(Clone)]
struct Upgrade {
    before: PathBuf,
    stores: Arc<StoreServers>,
    folder: Arc<Folder>,
}

impl Upgrade {
    fn of(choice: StoreChoice) -> Self {
        let named = env::var_os("SIGNET_UPGRADE_BEFORE").map(PathBuf::from);
        let folder = match &named {
            None => Folder::with_keys(),
            Some(before) => {
                let folder = Folder::empty();
                run_program(before, &folder, &["keys", "init"], &[]).succeeded();
                folder
            }
        };
        Self {
            before: named.unwrap_or_else(signet_program),
            stores: Arc::new(choice.start()),
            folder: Arc::new(folder),
        }
    }

    fn earlier(&self) -> Server {
        self.server(self.before.clone(), &[])
    }

    fn this(&self) -> Server {
        self.server(signet_program(), &[("SIGNET_MIGRATE", "manual")])
    }

    fn server(&self, program: PathBuf, settings: &[(&str, &str)]) -> Server {
        let (stores, folder) = (Arc::clone(&self.stores), Arc::clone(&self.folder));
        Server::of_program(program, stores, folder, settings)
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> Ran {
        let settings = self.stores.settings();
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        run_program(
            program,
            &self.folder,
            arguments,
            &settings.collect::<Vec<_>>(),
        )
    }

    /// Applies the steps of this build; whether there were any.
    fn migrate(&self) -> bool {
        let this = signet_program();
        let checked = self.run(&this, &["migrate", "--check"]);
        println!("migrate --check: {:?} {}", checked.code, checked.stderr);
        let has_steps = checked.code == Some(3);
        assert!(has_steps || checked.code == Some(0), "{checked:?}");
        self.run(&this, &["migrate", "--apply"]).succeeded();
        has_steps
    }

    /// After a step, the other build refuses to start, and says why.
    fn check_earlier_start(&self, has_steps: bool) {
        if has_steps {
            let refused = self.run(&self.before, &["serve"]);
            assert_eq!(refused.code, Some(1), "{refused:?}");
            assert!(refused.stderr.contains("newer"), "{}", refused.stderr);
        } else {
            drop(self.earlier());
        }
    }

    fn people(&self) -> Vec<Person> {
        (0..PEOPLE).map(|_| Person::default()).collect()
    }

    fn give_roles(&self, people: &mut [Person], server: &Server) {
        for person in people {
            let given = server.run(&["account", "roles", &person.email, "--add", "editor"]);
            given.succeeded();
            person.roles = json!(["editor"]);
        }
    }
}

/// Lets everybody do everything once, at each replica in turn.
async fn go_on(people: &mut [Person], replicas: [&Server; 2]) {
    let [one, other] = replicas.map(|server| server.api().clone());
    for replicas in [[&one, &other], [&other, &one]] {
        let all = people.iter_mut().map(|person| person.go_on(replicas));
        within(PATIENCE, "everybody is answered", join_all(all)).await;
    }
}

async fn nothing_is_lost(people: &[Person], servers: &[&Server]) {
    for (person, server) in people.iter().flat_map(|person| {
        let servers = servers.iter();
        servers.map(move |server| (person, server))
    }) {
        person.has_lost_nothing(server.api()).await;
    }
    let requests: usize = people.iter().map(|person| person.requests).sum();
    println!("{requests} requests, nothing lost");
}

/// What a person was told, and must find again.
#[derive(Default)]
struct Person {
    email: String,
    password: String,
    refresh_token: String,
    access_token: String,
    roles: Value,
    /// Refresh tokens of sessions that have ended.
    ended: Vec<String>,
    requests: usize,
}

impl Person {
    async fn go_on(&mut self, [one, other]: [&Api; 2]) {
        if self.email.is_empty() {
            self.register(one).await;
        }
        for api in [other, one, other] {
            self.refresh(api).await;
        }
        self.has_roles(one).await;
        // A second session begins at one replica and ends at the other.
        let second = self.sign_in(one, 200).await;
        let token = second.member("refresh_token");
        let body = json!({"refresh_token": token});
        self.ask(other, "/auth/logout", &body, 204).await;
        self.ended.push(token);
        self.change_password(one).await;
        self.refresh(other).await;
        for token in self.ended.clone() {
            let body = json!({ "refresh_token": token });
            self.ask(one, "/auth/refresh", &body, 401).await;
        }
    }

    async fn register(&mut self, api: &Api) {
        self.email = fresh_email();
        PASSWORD.clone_into(&mut self.password);
        self.roles = json!([]);
        let body = self.credentials();
        let begun = self.ask(api, "/auth/register", &body, 201).await;
        self.keep(&begun);
    }

    async fn refresh(&mut self, api: &Api) {
        let body = json!({"refresh_token": self.refresh_token});
        let refreshed = self.ask(api, "/auth/refresh", &body, 200).await;
        self.keep(&refreshed);
    }

    /// The old password is void at once, and every earlier session is over.
    async fn change_password(&mut self, api: &Api) {
        let new = format!("{PASSWORD} {}", self.requests);
        let body = json!({"current_password": self.password, "new_password": new});
        let asked = api.request(Method::POST, "/auth/password").json(&body);
        let asked = asked.bearer_auth(&self.access_token);
        let changed = self.answered(api, asked).await;
        assert_eq!(changed.status, 204, "{}", changed.text());
        let old = std::mem::replace(&mut self.password, new);
        let body = json!({"email": self.email, "password": old, "token_delivery": "body"});
        self.ask(api, "/auth/login", &body, 401).await;
        let begun = self.sign_in(api, 200).await;
        self.keep(&begun);
    }

    async fn sign_in(&mut self, api: &Api, expected: u16) -> Reply {
        let body = self.credentials();
        self.ask(api, "/auth/login", &body, expected).await
    }

    async fn has_roles(&mut self, api: &Api) {
        let asked = api.request(Method::GET, "/auth/me");
        let asked = asked.bearer_auth(&self.access_token);
        let me = self.answered(api, asked).await.expect(200).json();
        assert_eq!(
            (&me["email"], &me["roles"]),
            (&json!(self.email), &self.roles)
        );
    }

    async fn has_lost_nothing(&self, api: &Api) {
        let begun = api.post("/auth/login", &self.credentials()).await;
        let token = begun.expect(200).member("access_token");
        let me = api.me(&token).await.expect(200).json();
        assert_eq!(me["roles"], self.roles);
        for token in &self.ended {
            api.refresh(token).await.expect(401);
        }
    }

    fn credentials(&self) -> Value {
        json!({"email": self.email, "password": self.password, "token_delivery": "body"})
    }

    fn keep(&mut self, tokens: &Reply) {
        self.refresh_token = tokens.member("refresh_token");
        self.access_token = tokens.member("access_token");
    }

    async fn ask(&mut self, api: &Api, path: &str, body: &Value, expected: u16) -> Reply {
        let asked = api.request(Method::POST, path).json(body);
        let reply = self.answered(api, asked).await;
        assert_eq!(reply.status, expected, "{path}: {}", reply.text());
        reply
    }

    /// Sends a request until it is neither 429 nor 503.
    async fn answered(&mut self, api: &Api, asked: reqwest::RequestBuilder) -> Reply {
        loop {
            self.requests += 1;
            let again = asked.try_clone().expect("a body that is kept");
            let reply = api.send(again).await;
            if ![429, 503].contains(&reply.status) {
                return reply;
            }
        }
    }
}

/// How many people go on at the same time.
const PEOPLE: usize = 3;
