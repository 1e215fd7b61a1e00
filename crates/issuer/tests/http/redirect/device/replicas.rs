//! Devices whose person and whose requests reach different replicas.

use futures::future::join;

use super::{Device, deny_and_allow_together, enter, poll};
use crate::redirect::browser::Browser;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_denial_and_approval_at_two_replicas_one_wins_and_both_sides_see_it() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    deny_and_allow_together(&app, &replica).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_replicas_that_a_device_asks_at_once_one_answers_with_tokens() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let device = Device::own(&app).await;
    device.decide(&mut Browser::default(), "allow").await;
    let code = device.code("device_code");
    let here = poll(&app, &device.client, code);
    let there = poll(&replica, &device.client, code);
    let (here, there) = join(here, there).await;
    let granted = [here.status, there.status].map(|status| status == 200);
    assert_eq!(granted.iter().filter(|granted| **granted).count(), 1);
}

#[tokio::test]
async fn guesses_of_a_browser_at_two_replicas_are_counted_together() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let device = Device::own(&app).await;
    let mut browser = Browser::default();
    let mut statuses = Vec::new();
    for at in [&app, &replica].into_iter().cycle().take(8) {
        let answer = enter(at, &mut browser, "BCDFGHJK").await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [400, 400, 400, 400, 400, 400, 429, 429]);
    for at in [&app, &replica] {
        let right = enter(at, &mut browser, device.code("user_code")).await;
        assert_eq!(right.status, 429);
    }
}
