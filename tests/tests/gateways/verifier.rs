//! The column of the verifier, and what a configuration has to say where it is more lenient.

use std::fs;
use std::path::Path;

use signet_tests::Server;
use signet_tests::gateway::SHIPPED;
use signet_verifier::{Keys, Policy, Verifier};

use crate::rig::{ISSUER, Rig};
use crate::table::{column, compare};
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

/// Whoever lets in what the verifier refuses says so where operators read it.
#[test]
fn a_readme_names_every_token_that_only_its_gateway_takes() {
    let verifier = column(TABLE, "verifier");
    for shipped in SHIPPED {
        let readme = readme(shipped.folder);
        for ((case, verdict), (_, status)) in verifier.iter().zip(column(TABLE, shipped.name)) {
            let is_lenient = status == "200" && !matches!(verdict.as_str(), "ok" | "-");
            assert!(
                !is_lenient || readme.contains(&format!("`{case}`")),
                "{}: {case} passes, and its README does not say so",
                shipped.name
            );
        }
    }
}

async fn verifier(issuer: &Server) -> Verifier {
    let jwks = issuer.api().get("/.well-known/jwks.json").await.expect(200);
    let keys = Keys::from_jwks(jwks.body).expect("usable keys");
    Verifier::new(Policy::new(ISSUER, "api"), keys)
}

fn readme(folder: &str) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = tests
        .join("../deploy/gateway")
        .join(folder)
        .join("README.md");
    fs::read_to_string(path).expect("a README")
}
