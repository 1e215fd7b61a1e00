//! Second factors.

use super::{BOTH, Scene, at_each_call};
use crate::mfa::{Enrolled, finish, login, mfa_token};

/// A code of the app works once. A person whose code was used by a lost request types the next one.
#[tokio::test]
async fn an_interrupted_second_factor_is_followed_by_a_sign_in() {
    at_each_call(&BOTH, async |interruption| {
        let scene = Scene::begin().await;
        let ada = Enrolled::new(&scene.app).await;
        let token = mfa_token(&scene.app).await;
        let code = ada.next_code(&scene.app);
        let send = async || finish(&scene.app, &token, ("code", &code)).await;
        let outcome = interruption.until_answered(&scene, send).await;
        if outcome.last.status != 200 {
            let begun = login(&scene.app).await;
            assert_eq!(begun.problem(), (401, "mfa_required".to_owned()));
            let token = begun.member("mfa_token");
            let code = ada.next_code(&scene.app);
            let finished = finish(&scene.app, &token, ("code", &code)).await;
            assert_eq!(finished.status, 200, "{}", finished.text);
        }
        outcome.interrupted
    })
    .await;
}
