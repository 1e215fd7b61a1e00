//! A replica is killed while programs get tokens from it and revoke them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use http::Method;
use http::header::CONTENT_TYPE;
use signet_tests::{Api, Reply, StoreChoice, read_token};
use tokio::sync::Notify;

use crate::issuer::Issuer;
use crate::service::Service;

/// No two tokens name one bit, each revoked token is refused, and each other one is accepted.
pub(crate) async fn killed_replicas_give_no_bit_twice_and_lose_no_ending(choice: StoreChoice) {
    let issuer = Issuer::start(choice).await;
    let secret = add_program(&issuer);
    let mut replica = issuer.replica();
    let mut issued = Vec::new();
    for _ in 0..KILLS {
        let progress = Arc::new(Progress::default());
        let programs = (0..PROGRAMS).map(|_| {
            let program = (replica.api().clone(), secret.clone());
            tokio::spawn(work_until_it_dies(program, Arc::clone(&progress)))
        });
        let programs: Vec<_> = programs.collect();
        progress.enough.notified().await;
        replica.kill();
        for tokens in join_all(programs).await {
            issued.extend(tokens.expect("a program"));
        }
        replica.start_again();
    }
    assert!(issued.len() >= KILLS * KILLED_AFTER);
    let bits: BTreeSet<_> = issued.iter().map(Issued::bit).collect();
    assert_eq!(bits.len(), issued.len());
    let service = Service::of(&issuer.server).await;
    for Issued { token, end } in &issued {
        match end {
            End::Acknowledged => drop(service.refuses(token, "revoked").await),
            End::NotWanted => service.accepts_for(token, Duration::ZERO).await,
            End::Unknown => {}
        }
    }
}

/// Adds a program that gets tokens for itself. Returns its secret.
fn add_program(issuer: &Issuer) -> String {
    let added = issuer.server.add_client(&[
        PROGRAM,
        "--grants=client_credentials",
        "--scopes=orders:read",
        "--audiences=api",
    ]);
    added["client_secret"]
        .as_str()
        .expect("a secret")
        .to_owned()
}

/// A token that a program has got.
struct Issued {
    token: String,
    end: End,
}

/// Whether the token was revoked.
enum End {
    NotWanted,
    /// The server was killed before it answered.
    Unknown,
    Acknowledged,
}

impl Issued {
    fn bit(&self) -> String {
        let (_, claims) = read_token(&self.token);
        claims["status"]["status_list"].to_string()
    }
}

#[derive(Default)]
struct Progress {
    issued: AtomicUsize,
    enough: Notify,
}

/// Gets tokens, and revokes every second one, until the server is killed.
async fn work_until_it_dies(program: (Api, String), progress: Arc<Progress>) -> Vec<Issued> {
    let mut tokens = Vec::new();
    loop {
        let form = "grant_type=client_credentials";
        let Some(reply) = ask(&program, "/oauth/token", form).await else {
            return tokens;
        };
        let token = reply.expect(200).member("access_token");
        let form = format!("token={token}");
        let end = End::NotWanted;
        tokens.push(Issued { token, end });
        if progress.issued.fetch_add(1, Ordering::Relaxed) + 1 == KILLED_AFTER {
            progress.enough.notify_one();
        }
        if tokens.len().is_multiple_of(2) {
            let end = match ask(&program, "/oauth/revoke", &form).await {
                Some(reply) => {
                    reply.expect(200);
                    End::Acknowledged
                }
                None => End::Unknown,
            };
            tokens.last_mut().expect("a token").end = end;
        }
    }
}

async fn ask((api, secret): &(Api, String), path: &str, form: &str) -> Option<Reply> {
    let request = api.request(Method::POST, path);
    let request = request.basic_auth(PROGRAM, Some(secret));
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    api.try_send(request.body(form.to_owned())).await
}

const PROGRAM: &str = "reports";
/// How often the replica is killed.
const KILLS: usize = 3;
/// How many programs use the replica at the same time.
const PROGRAMS: usize = 8;
/// Not a multiple of 64, so that bits of the last block are left.
const KILLED_AFTER: usize = 150;
