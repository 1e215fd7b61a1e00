//! What clients promise.

use std::sync::Arc;
use std::time::Duration;

use signet_core::account::MfaPolicy;
use signet_core::client::{
    Authentication, Client, ClientKeys, ClientSecrets, ClientStatus, GrantType, KnownBy,
    Permissions, RedirectRules, SecretDigest, SignInRules,
};
use signet_store::{Registered, Swapped};

use crate::given::{NOW, Place};

pub(crate) async fn a_client_is_found_as_it_was_stored(place: &Place) {
    let public = Client {
        name: None,
        permissions: Permissions::default(),
        authentication: Authentication::Nothing,
        sign_in: SignInRules {
            required_roles: vec!["staff".parse().unwrap()],
            scopes: Some(Vec::new()),
            mfa: MfaPolicy::Required,
            by_redirect: RedirectRules {
                redirect_uris: vec!["https://app.example.com/cb".parse().unwrap()],
                post_logout_redirect_uris: vec!["com.example.app:/bye".parse().unwrap()],
                backchannel_logout_uri: Some("http://localhost:1/out".parse().unwrap()),
                first_party: true,
                logo_uri: Some("https://cdn.example.com/logo.svg".parse().unwrap()),
            },
        },
        token_ttl: None,
        status: ClientStatus::Disabled,
        ..client("app")
    };
    let signing = Client {
        authentication: Authentication::PrivateKey(ClientKeys::from_jwks(JWKS).unwrap()),
        ..client("Billing/2")
    };
    for client in [client("billing"), public, signing] {
        let added = place.first.clients.create(&client).await.unwrap();
        assert_eq!(added, Registered::Added);
        let found = place.second.clients.find(&client.id).await.unwrap();
        assert_eq!(found.as_deref(), Some(&client));
    }
    let nobody = "BILLING".parse().unwrap();
    assert_eq!(place.second.clients.find(&nobody).await.unwrap(), None);
}

pub(crate) async fn a_client_id_belongs_to_one_client(place: &Place) {
    place
        .first
        .clients
        .create(&client("billing"))
        .await
        .unwrap();
    let other = Client {
        name: None,
        ..client("billing")
    };
    let again = place.second.clients.create(&other).await.unwrap();
    assert_eq!(again, Registered::IdTaken);
    let found = place.second.clients.find(&other.id).await.unwrap();
    assert_eq!(found.as_deref(), Some(&client("billing")));
}

pub(crate) async fn clients_are_listed_in_the_order_of_their_ids(place: &Place) {
    for id in ["b", "a/b", "B", "a"] {
        place.first.clients.create(&client(id)).await.unwrap();
    }
    let listed = async |after: Option<&str>, limit| {
        let after = after.map(|id| id.parse().unwrap());
        let clients = &place.second.clients;
        let listed = clients.list(after.as_ref(), limit).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|client| client.id.to_string()).collect();
        ids.join(" ")
    };
    assert_eq!(listed(None, 10).await, "B a a/b b");
    assert_eq!(listed(None, 2).await, "B a");
    assert_eq!(listed(Some("a"), 2).await, "a/b b");
    assert_eq!(listed(Some("b"), 2).await, "");
}

pub(crate) async fn a_client_is_replaced_by_its_successor_only(place: &Place) {
    place
        .first
        .clients
        .create(&client("billing"))
        .await
        .unwrap();
    let disabled = client("billing").changed(|client| client.status = ClientStatus::Disabled);
    let swapped = place.first.clients.swap(&disabled).await.unwrap();
    assert_eq!(swapped, Swapped::Done);
    let late = client("billing").changed(|client| client.name = None);
    let swapped = place.second.clients.swap(&late).await.unwrap();
    assert_eq!(swapped, Swapped::Lost);
    let found = place.second.clients.find(&disabled.id).await.unwrap();
    assert_eq!(found.as_deref(), Some(&disabled));
    let absent = client("other").changed(|_| {});
    let swapped = place.second.clients.swap(&absent).await.unwrap();
    assert_eq!(swapped, Swapped::Lost);
}

pub(crate) async fn an_unchanged_client_is_shared_and_a_changed_one_is_seen_at_once(place: &Place) {
    let billing = client("billing");
    place.first.clients.create(&billing).await.unwrap();
    let find = async || place.second.clients.find(&billing.id).await.unwrap();
    let (first, again) = (find().await.unwrap(), find().await.unwrap());
    assert!(Arc::ptr_eq(&first, &again));
    let disabled = billing
        .clone()
        .changed(|client| client.status = ClientStatus::Disabled);
    place.first.clients.swap(&disabled).await.unwrap();
    assert_eq!(find().await.as_deref(), Some(&disabled));
    assert!(place.first.clients.delete(&billing.id).await.unwrap());
    assert_eq!(find().await, None);
    let other = Client {
        name: None,
        ..disabled
    };
    place.first.clients.create(&other).await.unwrap();
    assert_eq!(find().await.as_deref(), Some(&other));
}

pub(crate) async fn a_deleted_client_is_gone(place: &Place) {
    let billing = client("billing");
    place.first.clients.create(&billing).await.unwrap();
    assert!(place.second.clients.delete(&billing.id).await.unwrap());
    assert_eq!(place.first.clients.find(&billing.id).await.unwrap(), None);
    assert!(!place.first.clients.delete(&billing.id).await.unwrap());
    let next = billing.changed(|_| {});
    let swapped = place.first.clients.swap(&next).await.unwrap();
    assert_eq!(swapped, Swapped::Lost);
}

/// A client with something in every field.
pub(crate) fn client(id: &str) -> Client {
    let digest = |letter: &str| SecretDigest::read(&format!("{}A", letter.repeat(42))).unwrap();
    Client {
        id: id.parse().unwrap(),
        version: 1,
        name: Some("Billing \"north\"".parse().unwrap()),
        permissions: Permissions {
            grants: GrantType::ALL.to_vec(),
            scopes: vec![
                "orders:read".parse().unwrap(),
                "orders:write".parse().unwrap(),
            ],
            audiences: vec![
                "orders".parse().unwrap(),
                "https://b.example".parse().unwrap(),
            ],
            owns: vec!["billing".parse().unwrap()],
            account_claims: vec!["tenant".parse().unwrap()],
        },
        authentication: Authentication::Secret(ClientSecrets {
            current: digest("B"),
            previous: Some(digest("C")),
        }),
        sign_in: SignInRules::default(),
        token_ttl: Some(Duration::from_mins(2)),
        status: ClientStatus::Active,
        created_at: NOW,
        issue_from: NOW.saturating_add(Duration::from_secs(3)),
        known_by: KnownBy::Registration,
    }
}

/// The public key of RFC 7515 appendix A.3.
const JWKS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
