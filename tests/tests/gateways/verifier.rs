//! The column of the verifier: what it makes of each token.

use signet_tests::Server;
use signet_verifier::{Keys, Policy, Verifier};

use crate::rig::{ISSUER, Rig};
use crate::table::compare;
use crate::tokens::{TABLE, all};

#[tokio::test]
async fn the_table_says_what_the_verifier_makes_of_each_token() {
    let rig = Rig::start("nginx").await;
    let verifier = verifier(&rig.issuer).await;
    let mut seen = Vec::new();
    for case in all(&rig).await {
        let verdict = case.token.as_deref().map(|token| verifier.verify(token));
        let cell = match verdict {
            None => "-".to_owned(),
            Some(Ok(_)) => "ok".to_owned(),
            Some(Err(error)) => error.reason().to_owned(),
        };
        seen.push((case.name.to_owned(), cell));
    }
    assert!(seen.len() >= 30, "a matrix of {} tokens", seen.len());
    compare(TABLE, "verifier", &seen);
}

async fn verifier(issuer: &Server) -> Verifier {
    let jwks = issuer.api().get("/.well-known/jwks.json").await.expect(200);
    let keys = Keys::from_jwks(jwks.body).expect("usable keys");
    Verifier::new(Policy::new(ISSUER, "api"), keys)
}
