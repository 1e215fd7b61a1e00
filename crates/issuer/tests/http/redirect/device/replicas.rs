//! Devices whose person and whose requests reach different replicas.

use std::time::Duration;

use futures::future::join;

use super::{Device, enter, error, poll};
use crate::redirect::browser::Browser;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_denial_and_approval_at_two_replicas_one_wins_and_both_sides_see_it() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let mut device = Device::own(&app).await;
    for round in 0..8 {
        let (mut one, mut other) = (Browser::default(), Browser::default());
        let (first, second) = (device.open(&mut one).await, device.open(&mut other).await);
        let allow = one.submit(&app, &first, &[("decision", "allow")]);
        let deny = other.submit(&replica, &second, &[("decision", "deny")]);
        let (allowed, denied) = join(allow, deny).await;
        let headings = (allowed.heading(), denied.heading());
        let polled = poll(&replica, &device.client, device.code("device_code")).await;
        let failed = "That did not work";
        if polled.status == 200 {
            assert_eq!(headings, ("Your device is connected", failed));
        } else {
            assert_eq!(headings, (failed, "Your device is not connected"));
            let told = polled.oauth_error();
            assert_eq!(told, error("access_denied"), "round {round}");
        }
        // The hour of the limits of codes.
        app.clock.advance(Duration::from_hours(1));
        device.again().await;
    }
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
