//! The attack drill: 10,000 guesses in an hour, in four ways. Its results are the table in
//! `SECURITY.md`.
//!
//! A guess is counted as a sign-in is, and no hash is computed for it. The owner signs in over HTTP.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use signet_core::limits::Limit;
use signet_flows::rate_limits::Counted;

use crate::lockout::{ADA, RIGHT, device_of, register, sign_in, status};
use crate::support::TestApp;

const GUESSES: u32 = 10_000;
/// 10,000 of them are an hour.
const PACE: Duration = Duration::from_millis(360);

/// What an attack came to.
#[derive(Default)]
struct Outcome {
    reached_a_hash: u32,
    by_account: HashMap<String, u32>,
    /// The number of the guess with the first event of level WARN, and its name.
    alarm: Option<(u32, &'static str)>,
}

async fn attack(app: &TestApp, guess: impl Fn(u32) -> (IpAddr, String)) -> Outcome {
    let (flows, mut outcome) = (&app.app.flows, Outcome::default());
    for number in 0..GUESSES {
        app.clock.advance(PACE);
        let (address, email) = guess(number);
        let arrival = Counted::from_address(Some(address));
        if !flows
            .count_arrival(Limit::Login, arrival)
            .await
            .unwrap()
            .allowed
        {
            continue;
        }
        let counted = Counted {
            subject: Some(&email),
            ..arrival
        };
        let alarm = match flows.count_password(counted).await {
            Ok(_) => {
                outcome.reached_a_hash += 1;
                *outcome.by_account.entry(email).or_default() += 1;
                flows
                    .note_failed_sign_in()
                    .await
                    .then_some("sign_in.many_failed")
            }
            Err(refused) => {
                let limits = [Limit::WrongPasswordInHour, Limit::WrongPasswordInDay];
                limits
                    .contains(&refused.limit)
                    .then_some("account.attacked")
            }
        };
        let alarm = alarm.map(|name| (number + 1, name));
        outcome.alarm = outcome.alarm.or(alarm);
    }
    outcome
}

/// Runs an attack and compares it with its row of the table.
async fn drill(name: &str, guess: impl Fn(u32) -> (IpAddr, String)) {
    let app = TestApp::start().await;
    let device = device_of(&register(&app, ADA).await);
    let outcome = attack(&app, guess).await;
    let known = sign_in("192.0.2.200", Some(&device), ADA, RIGHT);
    let known = status(&app, known).await;
    let new = status(&app, sign_in("192.0.2.201", None, ADA, RIGHT)).await;
    let answer = |status| {
        if status == 200 {
            "signs in"
        } else {
            "has to wait"
        }
    };
    let alarm = outcome.alarm.map_or("none".to_owned(), |(number, event)| {
        format!("`{event}` at guess {number}")
    });
    let most = outcome.by_account.values().max().unwrap();
    let row = format!(
        "| {name} | {} | {most} | {alarm} | {} | {} |",
        outcome.reached_a_hash,
        answer(known),
        answer(new)
    );
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../SECURITY.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(&row), "SECURITY.md lacks this row:\n{row}");
}

fn v4(number: u32) -> IpAddr {
    IpAddr::V4((0x0a00_0000 + number).into())
}

#[tokio::test]
async fn guesses_at_one_account_from_one_address() {
    drill("one account, from one address", |_| (v4(1), ADA.to_owned())).await;
}

#[tokio::test]
async fn guesses_at_one_account_from_a_thousand_addresses() {
    let guess = |number| (v4(number % 1_000), ADA.to_owned());
    drill("one account, from 1,000 addresses", guess).await;
}

#[tokio::test]
async fn guesses_at_one_account_from_one_network_of_48_bits() {
    let guess = |number: u32| {
        let network = 0x2001_0db8_0007_u128 << 80 | u128::from(number) << 64;
        (IpAddr::V6((network | 1).into()), ADA.to_owned())
    };
    drill("one account, from 10,000 networks in one /48", guess).await;
}

#[tokio::test]
async fn stolen_passwords_for_a_thousand_accounts_from_a_hundred_addresses() {
    let guess = |number| {
        (
            v4(number % 100),
            format!("person{}@example.com", number % 1_000),
        )
    };
    drill("1,000 accounts, from 100 addresses", guess).await;
}
