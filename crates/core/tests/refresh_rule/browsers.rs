//! Honest browsers: bursts of tabs that share one cookie, answers that come late or never.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::f64::consts::TAU;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::world::{World, endless_policy};

/// How many browsers a common network is tried with.
const BROWSERS: u64 = 200;

/// How many browsers the claim about ordinary use is tried with.
const ORDINARY_BROWSERS: u64 = 2_000;

/// How many browsers a bad network is tried with; they only show a magnitude.
const UNLUCKY_BROWSERS: u64 = 100;

/// At most one in fifty of the unlucky.
const MOST_UNLUCKY_LOST: usize = 2;

const LOG_NORMAL: Delay = Delay::LogNormal {
    median_seconds: 0.08,
    most_seconds: 8.0,
};

#[test]
fn no_honest_browser_loses_its_session_on_a_common_network() {
    for (bursts, span_seconds) in [(60, 200.0), (60, 2_000.0), (20, 20_000.0)] {
        for (loss, most_seconds) in [(0.0, 1.0), (0.05, 1.0), (0.05, 0.3)] {
            let delay = Delay::Uniform { most_seconds };
            let network = Network { loss, delay };
            let lost = sessions_lost(BROWSERS, network, bursts, span_seconds);
            assert_eq!(lost, 0, "{network:?}, {bursts} bursts in {span_seconds} s");
        }
    }
}

/// Twenty bursts in five and a half hours, with up to every twentieth answer lost.
#[test]
fn no_browser_in_ordinary_use_loses_its_session_even_on_a_slow_network() {
    for network in hard_networks().filter(|network| network.loss <= 0.05) {
        let lost = sessions_lost(ORDINARY_BROWSERS, network, 20, 20_000.0);
        assert_eq!(lost, 0, "{network:?}");
    }
}

/// The price of finding thieves: a person who reloads twenty tabs all the time on a network
/// that loses a third of the answers may have to sign in again. This is an upper bound and no promise.
#[test]
fn few_browsers_in_a_hurry_lose_their_session_on_a_bad_network() {
    for (bursts, span_seconds) in [(60, 200.0), (60, 2_000.0), (20, 20_000.0)] {
        for network in hard_networks() {
            let lost = sessions_lost(UNLUCKY_BROWSERS, network, bursts, span_seconds);
            assert!(
                lost <= MOST_UNLUCKY_LOST,
                "{network:?}, {bursts} bursts in {span_seconds} s: {lost}"
            );
        }
    }
}

fn hard_networks() -> impl Iterator<Item = Network> {
    let uniform = Delay::Uniform { most_seconds: 3.0 };
    [LOG_NORMAL, uniform]
        .into_iter()
        .flat_map(|delay| [0.0, 0.05, 0.3].map(|loss| Network { loss, delay }))
}

fn sessions_lost(browsers: u64, network: Network, bursts: u32, span_seconds: f64) -> usize {
    (0..browsers)
        .filter(|&seed| !Browser::new(seed, network).survives(bursts, span_seconds))
        .count()
}

/// How a network treats requests and answers.
#[derive(Clone, Copy, Debug)]
struct Network {
    /// The share of answers that never arrive.
    loss: f64,
    delay: Delay,
}

/// How long a request or an answer is on its way.
#[derive(Clone, Copy, Debug)]
enum Delay {
    /// Anything up to the longest way.
    Uniform { most_seconds: f64 },
    /// Mostly near the median and sometimes very long, with a sigma of 1.
    LogNormal {
        median_seconds: f64,
        most_seconds: f64,
    },
}

impl Delay {
    fn seconds(self, rng: &mut StdRng) -> f64 {
        match self {
            Self::Uniform { most_seconds } => rng.random::<f64>() * most_seconds,
            Self::LogNormal {
                median_seconds,
                most_seconds,
            } => (median_seconds * normal(rng).exp()).min(most_seconds),
        }
    }
}

/// A number from the standard normal distribution, after Box and Muller.
fn normal(rng: &mut StdRng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (TAU * rng.random::<f64>()).cos()
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
        let delay = self.network.delay.seconds(&mut self.rng);
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
