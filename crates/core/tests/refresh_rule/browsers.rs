//! Honest browsers: bursts of tabs that share one cookie, answers that come late or never.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::world::{World, endless_policy};

/// How many browsers each condition is tried with.
const BROWSERS: u64 = 200;

#[test]
fn no_honest_browser_loses_its_session_on_a_common_network() {
    for (bursts, span_seconds) in [(60, 200.0), (60, 2_000.0), (20, 20_000.0)] {
        for (loss, delay_seconds) in [(0.0, 1.0), (0.05, 1.0), (0.05, 0.3)] {
            let network = Network {
                loss,
                delay_seconds,
            };
            let lost = (0..BROWSERS)
                .filter(|&seed| !Browser::new(seed, network).survives(bursts, span_seconds))
                .count();
            assert_eq!(lost, 0, "{network:?}, {bursts} bursts in {span_seconds} s");
        }
    }
}

/// How a network treats requests and answers.
#[derive(Clone, Copy, Debug)]
struct Network {
    /// The share of answers that never arrive.
    loss: f64,
    /// The longest way of a request or an answer.
    delay_seconds: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Send,
    ReachServer(u32),
    ReachBrowser(u32),
}

/// A browser with one cookie jar: whichever answer comes last is what it holds.
struct Browser {
    rng: StdRng,
    network: Network,
    /// Milliseconds from the start; whole numbers, so that they have an order.
    events: BinaryHeap<Reverse<(u64, Event)>>,
}

impl Browser {
    fn new(seed: u64, network: Network) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            network,
            events: BinaryHeap::new(),
        }
    }

    fn survives(mut self, bursts: u32, span_seconds: f64) -> bool {
        self.plan(bursts, span_seconds);
        let mut world = World::new(endless_policy());
        let mut cookie = 1;
        while let Some(Reverse((at, event))) = self.events.pop() {
            match event {
                Event::Send => self.later(at, Event::ReachServer(cookie)),
                Event::ReachBrowser(newest) => cookie = newest,
                Event::ReachServer(shown) => match world.answer(shown, seconds(at)) {
                    Some(newest) => self.answer(at, newest),
                    None => return false,
                },
            }
        }
        true
    }

    /// Bursts of one to twenty tabs within four seconds, anywhere in the span.
    fn plan(&mut self, bursts: u32, span_seconds: f64) {
        for _ in 0..bursts {
            let start = self.rng.random::<f64>() * span_seconds;
            let tabs = [1, 1, 2, 5, 20][self.rng.random_range(0..5)];
            for _ in 0..tabs {
                let at = start + self.rng.random::<f64>() * 4.0;
                self.events.push(Reverse((milliseconds(at), Event::Send)));
            }
        }
    }

    fn answer(&mut self, at: u64, newest: u32) {
        if self.rng.random::<f64>() >= self.network.loss {
            self.later(at, Event::ReachBrowser(newest));
        }
    }

    fn later(&mut self, at: u64, event: Event) {
        let delay = self.rng.random::<f64>() * self.network.delay_seconds;
        self.events.push(Reverse((at + milliseconds(delay), event)));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small and positive"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1_000.0) as u64
}

#[expect(clippy::cast_precision_loss, reason = "a few hours at the most")]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1_000.0
}
