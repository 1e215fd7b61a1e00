//! Keys change while requests run: gateways that have them in a file or in a cache.

use signet_tests::{PATIENCE, Server, read_token, run_signet, within};

use crate::rig::{Rig, bearer};

#[tokio::test]
async fn nginx_knows_the_next_key_and_takes_up_others_without_refusing_a_good_token() {
    let rig = Rig::start("nginx-offline").await;
    let mut tokens = vec![rig.account.access_token.clone()];
    // The key that comes next is in the file before it signs.
    rotate(&rig, &mut tokens).await;
    all_pass(&rig, &tokens);

    // The one after it is not in the file yet.
    rotate(&rig, &mut tokens).await;
    let newest = tokens.pop().expect("a token");
    assert_eq!(status(&rig, &newest), 401);
    rig.gateway.take_up_keys(rig.shipped, rig.issuer.folder());
    let taken_up = async {
        while status(&rig, &newest) != 200 {
            all_pass(&rig, &tokens);
            tokio::task::yield_now().await;
        }
    };
    within(PATIENCE, "nginx takes up the new file", taken_up).await;
    tokens.push(newest);

    rotate(&rig, &mut tokens).await;
    all_pass(&rig, &tokens);
}

#[tokio::test]
async fn apache_fetches_a_key_that_it_does_not_know() {
    let rig = Rig::start("apache").await;
    let mut tokens = vec![rig.account.access_token.clone()];
    all_pass(&rig, &tokens);
    for _ in 0..2 {
        rotate(&rig, &mut tokens).await;
        all_pass(&rig, &tokens);
    }
}

/// Rotates, and signs in until a key signs that has signed none of the tokens.
async fn rotate(rig: &Rig, tokens: &mut Vec<String>) {
    rotate_keys(&rig.issuer);
    let known: Vec<_> = tokens.iter().map(|token| kid_of(token)).collect();
    let signed = async {
        loop {
            let account = rig.issuer.api().login(&rig.account.email).await;
            if !known.contains(&kid_of(&account.access_token)) {
                return account.access_token;
            }
        }
    };
    tokens.push(within(PATIENCE, "another key signs", signed).await);
}

fn rotate_keys(issuer: &Server) {
    let rotated = run_signet(issuer.folder(), &["keys", "rotate", "--now"], &[]);
    assert!(rotated.success, "{rotated:?}");
}

fn kid_of(token: &str) -> String {
    let (header, _) = read_token(token);
    header["kid"].as_str().expect("a kid").to_owned()
}

fn all_pass(rig: &Rig, tokens: &[String]) {
    for token in tokens {
        assert_eq!(status(rig, token), 200);
    }
}

fn status(rig: &Rig, token: &str) -> u16 {
    let (reply, _) = rig.send("GET /orders/7", &[bearer(token)]);
    reply.expect("an answer").status
}
