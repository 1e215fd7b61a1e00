//! The revocation of a signing key, which ends every token that it has signed.

use std::time::Duration;

use futures::future::join_all;
use futures::stream::{StreamExt as _, iter};
use signet_tests::{PATIENCE, StoreChoice, read_token, within};
use tokio::time::interval;

use crate::FETCH_EVERY;
use crate::issuer::Issuer;
use crate::service::Service;

/// Which key is revoked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RevokedKey {
    /// The one that signs tokens and lists.
    Active,
    /// One that has signed tokens, and signs lists no more.
    Retiring,
}

impl RevokedKey {
    /// From the end of the command that revokes the key to the first refusal, at services that fetch
    /// at different times.
    pub(crate) async fn delays(self, choice: StoreChoice, samples: u32) -> Vec<Duration> {
        let issuer = Issuer::start(choice).await;
        let api = issuer.server.api();
        let token = api.register().await.access_token;
        let kid = kid(&token);
        if self == Self::Retiring {
            issuer.operate(&["keys", "rotate", "--now"]).await;
            within(PATIENCE, "the next key signs", another_signs(&issuer, &kid)).await;
        }
        let services = (0..samples).map(|_| Service::that_accepts(&token, &issuer.server));
        let services: Vec<_> = iter(services).buffered(STARTING).collect().await;
        let accepted = services.iter().zip(1..).map(async |(service, number)| {
            let time = FETCH_EVERY * number / samples;
            service.accepts_for(&token, time).await;
        });
        join_all(accepted).await;
        issuer.operate(&["keys", "revoke", &kid]).await;
        let refused = services.iter();
        join_all(refused.map(|service| service.refuses(&token, "unknown_key"))).await
    }
}

async fn another_signs(issuer: &Issuer, first: &str) {
    let mut looks = interval(Duration::from_millis(100));
    while kid(&issuer.server.api().register().await.access_token) == first {
        looks.tick().await;
    }
}

fn kid(token: &str) -> String {
    let (header, _) = read_token(token);
    header["kid"].as_str().expect("a kid").to_owned()
}

/// How many services start at the same time.
const STARTING: usize = 8;
