//! A request that a person answers twice at the same moment: two tabs, a double click, two replicas.

use std::time::Duration;

use futures::future::join;
use signet_test_servers::Redis;

use super::browser::{Browser, register};
use super::client::{CALLBACK, Web};
use crate::support::{Answer, TestApp};

const ADA: &str = "ada@example.com";
const ROUNDS: usize = 20;
const ALLOW: &str = "allow";
const DENY: &str = "deny";
const ANSWERED: &str = "This was answered before";

/// Two replicas, a third party's client, and a person who is signed in.
struct Scene {
    here: TestApp,
    there: TestApp,
    wiki: Web,
    browser: Browser,
}

impl Scene {
    async fn on(variables: &[(&str, &str)]) -> Self {
        let mut all = vec![("SIGNET_LIMITS_ENABLED", "false")];
        all.extend_from_slice(variables);
        let here = TestApp::with(&all).await;
        let there = here.replica().await;
        let wiki = Web::foreign(&here).await;
        register(&here, ADA).await;
        let mut browser = Browser::default();
        let page = browser.visit(&here, "/signin").await;
        browser.sign_in(&here, &page, ADA).await;
        // Right after a sign-in, Signet does not ask for the account. The tests need that page.
        here.clock.advance(Duration::from_secs(1));
        Self {
            here,
            there,
            wiki,
            browser,
        }
    }

    /// Sends the same page from two tabs at once, one to each replica.
    async fn submit_both(&self, page: &Answer, [first, second]: [(&str, &str); 2]) -> [Answer; 2] {
        let (mut one, mut other) = (self.browser.clone(), self.browser.clone());
        let (first, second) = ([first], [second]);
        let here = one.submit(&self.here, page, &first);
        let there = other.submit(&self.there, page, &second);
        let (here, there) = join(here, there).await;
        [here, there]
    }

    /// Answers one consent twice at once, again and again.
    async fn consent_races(&mut self, answers: [&str; 2]) {
        for round in 0..ROUNDS {
            // The consent of an earlier round covers a request without `prompt`.
            let address = self.wiki.authorize(&[("prompt", "consent")]);
            let page = self.browser.visit(&self.here, &address).await;
            assert_eq!(page.heading(), "Allow access?");
            let both = answers.map(|answer| ("decision", answer));
            let told = self.submit_both(&page, both).await;
            let winner = only_winner(&told, round);
            self.is_what_the_client_gets(&told[winner], answers[winner])
                .await;
        }
    }

    async fn is_what_the_client_gets(&self, sent: &Answer, answer: &str) {
        let sent = sent.to_client(CALLBACK);
        if answer == DENY {
            assert_eq!(sent["error"], "access_denied");
            return;
        }
        let tokens = self.wiki.redeem(&self.there, &sent["code"]).await;
        assert_eq!(tokens.status, 200, "{}", tokens.text);
    }
}

/// Which of two answers reached the client; the other one says that it came too late.
fn only_winner(told: &[Answer; 2], round: usize) -> usize {
    let is_sent = |answer: &&Answer| answer.header("location").is_some();
    let headings = told.each_ref().map(Answer::heading);
    let sent = told.iter().filter(is_sent).count();
    assert_eq!(sent, 1, "round {round}: {headings:?}");
    let winner = usize::from(is_sent(&&told[1]));
    let late = &told[1 - winner];
    assert_eq!((late.status.as_u16(), late.heading()), (400, ANSWERED));
    winner
}

async fn every_race_has_one_answer(variables: &[(&str, &str)]) {
    let mut scene = Scene::on(variables).await;
    scene.consent_races([DENY, DENY]).await;
    let page = scene.wiki.authorize(&[]);
    let page = scene.browser.visit(&scene.here, &page).await;
    assert_eq!(page.heading(), "Allow access?");
    scene.consent_races([ALLOW, DENY]).await;
    scene.consent_races([ALLOW, ALLOW]).await;
    for _ in 0..ROUNDS {
        let address = scene.wiki.authorize(&[("prompt", "select_account")]);
        let page = scene.browser.visit(&scene.here, &address).await;
        assert_eq!(page.heading(), "Choose an account");
        let both = [("choice", "continue"); 2];
        let told = scene.submit_both(&page, both).await;
        only_winner(&told, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_answers_at_two_replicas_the_client_gets_one() {
    every_race_has_one_answer(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_answers_at_two_replicas_on_redis_the_client_gets_one() {
    let redis = Redis::start();
    every_race_has_one_answer(&[("SIGNET_REDIS_URL", &redis.url())]).await;
}
