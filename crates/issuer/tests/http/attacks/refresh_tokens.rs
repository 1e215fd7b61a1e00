//! Refresh tokens of attackers: who knows how they are written, and who holds the MAC key too.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Scene;
use super::doors::Door;
use super::forge::{ACCOUNT, GENERATION, HANDLE, KEY_ID, RefreshBytes, TAG, VERSION, mac_key};
use crate::support::Answer;

/// A token of the attacker's own session, turned against another session or against the server.
/// None of them holds the handle of a session that the attacker does not have.
fn turned(scene: &Scene) -> Vec<(String, RefreshBytes)> {
    let own = RefreshBytes::of(&scene.mallory.refresh_token);
    let ada = scene.ada.id;
    let session_id = URL_SAFE_NO_PAD.decode(&scene.ada.session_id).unwrap();
    let of_ada = own.with(ACCOUNT, ada.as_bytes());
    let mut turned = vec![
        ("no generation".to_owned(), own.with(GENERATION, &[0; 4])),
        ("nobody's account".to_owned(), own.with(ACCOUNT, &[0; 16])),
        ("nobody's handle".to_owned(), own.with(HANDLE, &[0; 16])),
        ("her account, my handle".to_owned(), of_ada.clone()),
    ];
    for (what, handle) in [
        ("session id", &session_id[..]),
        ("account id", ada.as_bytes()),
        ("guess", &[7; 16]),
        ("zeros", &[0; 16]),
        ("ones", &[0xff; 16]),
    ] {
        for generation in [1, 2, u32::MAX] {
            let token = of_ada.with(HANDLE, handle);
            let token = token.with(GENERATION, &generation.to_be_bytes());
            turned.push((format!("her {what} for a handle, {generation}"), token));
        }
    }
    for version in [0, 2, 255] {
        turned.push((format!("version {version}"), own.with(VERSION, &[version])));
    }
    let own_id = own.part(KEY_ID)[0];
    for id in (0..=255).filter(|id| *id != own_id) {
        turned.push((format!("key {id}"), own.with(KEY_ID, &[id])));
    }
    turned
}

/// Tokens for which the attacker has parts that others have lost, but no right tag.
fn mixed(scene: &Scene, second: &str) -> Vec<(String, RefreshBytes)> {
    let own = RefreshBytes::of(&scene.mallory.refresh_token);
    let ada = RefreshBytes::of(&scene.ada.refresh_token);
    let second = RefreshBytes::of(second);
    let mixed = [
        (
            "her token for my account",
            ada.with(ACCOUNT, own.part(ACCOUNT)),
        ),
        (
            "my token for her account",
            own.with(ACCOUNT, ada.part(ACCOUNT)),
        ),
        ("her handle in my token", own.with(HANDLE, ada.part(HANDLE))),
        (
            "the handle of her other session",
            ada.with(HANDLE, second.part(HANDLE)),
        ),
        (
            "the tag of her other session",
            ada.with(TAG, second.part(TAG)),
        ),
        ("no tag", ada.with(TAG, &[0; 16])),
        (
            "the next generation",
            ada.with(GENERATION, &2u32.to_be_bytes()),
        ),
        ("the last generation", ada.with(GENERATION, &[0xff; 4])),
        ("no generation", ada.with(GENERATION, &[0; 4])),
    ];
    mixed.map(|(what, token)| (what.to_owned(), token)).to_vec()
}

#[tokio::test]
async fn who_knows_the_format_is_refused_before_any_store_is_asked() {
    let scene = Scene::begin().await;
    let second = scene.ada.login(&scene.app).await;
    let before = scene.remembered().await;
    let calls = scene.calls.made();
    let forged = turned(&scene);
    let forged = forged
        .into_iter()
        .chain(mixed(&scene, &second.refresh_token));
    for (what, token) in forged {
        for door in Door::ALL {
            door.refuse(&scene, &what, &token.text()).await;
        }
    }
    assert_eq!(scene.calls.made(), calls, "a store was asked");
    assert_eq!(scene.remembered().await, before);
}

#[tokio::test]
async fn who_holds_the_mac_key_and_no_handle_is_refused_all_the_same() {
    let scene = Scene::begin().await;
    let key = mac_key(&scene.app, &scene.mallory.refresh_token);
    let before = scene.remembered().await;
    let calls = scene.calls.made();
    for (what, token) in turned(&scene) {
        let token = token.tagged(&key).text();
        for door in Door::ALL {
            door.refuse(&scene, &what, &token).await;
        }
    }
    assert!(scene.calls.made() > calls, "no store had to be asked");
    assert_eq!(scene.remembered().await, before);

    // The key is the right one: an own token that is tagged with it is as good as before.
    let own = RefreshBytes::of(&scene.mallory.refresh_token).with(TAG, &[0; 16]);
    let own = own.tagged(&key).text();
    refreshed(&Door::RefreshByBody.show(&scene, &own).await);
}

#[tokio::test]
async fn who_holds_the_mac_key_and_a_handle_of_his_own_harms_only_himself() {
    let scene = Scene::begin().await;
    let key = mac_key(&scene.app, &scene.mallory.refresh_token);
    let [ada, mallory] = scene.remembered().await;
    // No token comes after the last one, so the store cannot be ahead of it.
    let last = RefreshBytes::of(&scene.mallory.refresh_token).with(GENERATION, &[0xff; 4]);
    let last = last.tagged(&key).text();
    Door::RefreshByBody
        .refuse(&scene, "the last generation", &last)
        .await;
    let [ada_after, mallory_after] = scene.remembered().await;
    assert_eq!(ada_after, ada);
    assert_eq!(mallory_after.account, mallory.account);
    assert_eq!(
        (mallory_after.sessions, mallory_after.access),
        (vec![], 401)
    );
}

#[tokio::test]
async fn an_old_token_ends_its_session_and_no_other() {
    for door in [
        Door::RefreshByBody,
        Door::RefreshByCookie,
        Door::TokenEndpoint,
    ] {
        let scene = Scene::begin().await;
        let second = scene.ada.login(&scene.app).await;
        let mut newest = scene.ada.refresh_token.clone();
        for _ in 0..3 {
            scene.app.clock.advance(Duration::from_mins(1));
            newest = refreshed(&Door::RefreshByBody.show(&scene, &newest).await);
        }
        let [ada, mallory] = scene.remembered().await;
        let stolen = &scene.ada.refresh_token;
        door.refuse(&scene, "a token of old", stolen).await;

        let [ada_after, mallory_after] = scene.remembered().await;
        assert_eq!(mallory_after, mallory);
        assert_eq!(ada_after.account, ada.account);
        assert_eq!(ada_after.access, 401);
        let mut others = ada.sessions;
        others.retain(|session| session.id.to_string() == second.session_id);
        assert_eq!(ada_after.sessions, others);
        door.refuse(&scene, "the newest token", &newest).await;
        refreshed(
            &Door::RefreshByBody
                .show(&scene, &second.refresh_token)
                .await,
        );
    }
}

/// The next token.
fn refreshed(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.member("refresh_token")
}
