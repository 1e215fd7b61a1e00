//! What the limits promise under attack.

use signet_verifier::{ManualClock, Timestamp};

use super::counters::MAX_KEYS;
use super::*;

fn limits(per_minute: u32) -> (RateLimits, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_000)));
    let limits = Limits::read(true, |_| Some(per_minute)).unwrap();
    (RateLimits::new(&limits, &(Arc::clone(&clock) as _)), clock)
}

fn login(limits: &RateLimits, address: IpAddr) -> bool {
    let counted = Counted::from_address(Some(address));
    limits.count(Limit::Login, counted).unwrap().allowed
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The `number`th IPv4 address.
fn v4(number: u32) -> IpAddr {
    IpAddr::V4((0x0a00_0000 + number).into())
}

/// The `number`th network of 64 bits in one network of 48 bits.
fn v6(number: u16) -> IpAddr {
    address(&format!("2001:db8:7:{number:x}::1"))
}

#[test]
fn addresses_are_counted_apart_and_networks_of_64_bits_together() {
    let (limits, _clock) = limits(1);
    assert!(login(&limits, address("192.0.2.1")));
    assert!(login(&limits, address("192.0.2.2")));
    assert!(login(&limits, address("2001:db8::1")));
    assert!(!login(&limits, address("2001:db8::ffff:2")));
    assert!(login(&limits, address("2001:db8:0:1::1")));
}

#[test]
fn a_network_of_48_bits_has_16_budgets_and_not_65_536() {
    let (limits, clock) = limits(60);
    let admitted = (0..=u16::MAX).filter(|number| login(&limits, v6(*number)));
    assert_eq!(admitted.count(), 160);
    assert!(login(&limits, address("2001:db8:8::1")));
    clock.advance(Duration::from_secs(1));
    let again = (0..=u16::MAX).filter(|number| login(&limits, v6(*number)));
    assert_eq!(again.count(), 16);
}

#[test]
fn a_network_of_48_bits_takes_no_more_memory_than_its_budget() {
    let (limits, _clock) = limits(60);
    for number in 0..=u16::MAX {
        login(&limits, v6(number));
    }
    let (_, counters) = &limits.counters[1];
    assert!(counters.len() <= 3 * 160, "{}", counters.len());
}

#[test]
fn a_known_address_keeps_its_counter_while_fifty_thousand_others_come() {
    let (limits, clock) = limits(60);
    let known = address("192.0.2.1");
    assert_eq!((0..11).filter(|_| login(&limits, known)).count(), 10);
    for number in 0..100_000 {
        login(&limits, v4(number));
    }
    assert!(!login(&limits, known));
    clock.advance(Duration::from_secs(1));
    assert!(login(&limits, known));
    assert!(!login(&limits, known));
}

#[test]
fn three_hundred_innocents_are_served_beside_a_hundred_thousand_attackers() {
    let (limits, _clock) = limits(60);
    for number in 0..100_000 {
        login(&limits, v4(number));
    }
    let innocents = (1_000_000..1_000_300).filter(|number| login(&limits, v4(*number)));
    assert_eq!(innocents.count(), 300);
    let (_, counters) = &limits.counters[1];
    assert_eq!(counters.len(), MAX_KEYS);
}

#[test]
fn idle_addresses_are_forgotten() {
    let (limits, clock) = limits(60);
    login(&limits, address("192.0.2.1"));
    let (_, counters) = &limits.counters[1];
    limits.forget_idle();
    assert_eq!(counters.len(), 1);
    clock.advance(Duration::from_secs(1));
    limits.forget_idle();
    assert_eq!(counters.len(), 0);
}

#[test]
fn wrong_passwords_use_up_the_budget_of_the_account_there_and_right_ones_do_not() {
    let (limits, _clock) = limits(60);
    let ada = |from| Counted {
        address: Some(address(from)),
        subject: Some("ada@example.com"),
        device: None,
    };
    for _ in 0..100 {
        assert_eq!(wait(&limits, ada("192.0.2.1")), None);
        let from = ada("192.0.2.1");
        limits.take_back_all(password_limits(from), from);
    }
    for _ in 0..5 {
        assert_eq!(wait(&limits, ada("192.0.2.1")), None);
        assert_eq!(wait(&limits, ada("192.0.2.2")), None);
    }
    let everywhere = wait(&limits, ada("192.0.2.3"));
    assert_eq!(everywhere, Some(Duration::from_secs(1)));
    let bob = Counted {
        subject: Some("bob@example.com"),
        ..ada("192.0.2.1")
    };
    assert_eq!(wait(&limits, bob), None);
}

/// Counts an attempt at a password; how long to wait if it is refused.
fn wait(limits: &RateLimits, counted: Counted<'_>) -> Option<Duration> {
    let judged = limits.count_all(password_limits(counted), counted).unwrap();
    (!judged.verdict.allowed).then_some(judged.verdict.reset)
}

#[test]
fn what_the_shared_counters_say_is_kept_here() {
    let (limits, clock) = limits(60);
    assert!(login(&limits, address("192.0.2.1")));
    let counted = Counted::from_address(Some(address("192.0.2.1")));
    let (counters, keys) = limits.counters_of(Limit::Login, counted).unwrap();
    for (key, _) in keys {
        counters.raise(key, Duration::from_secs(12), clock.monotonic());
    }
    assert!(!login(&limits, address("192.0.2.1")));
    assert!(login(&limits, address("192.0.2.2")));
    clock.advance(Duration::from_secs(3));
    assert!(login(&limits, address("192.0.2.1")));
    assert!(!login(&limits, address("192.0.2.1")));
}

#[test]
fn one_network_does_not_use_up_the_budget_of_an_account_elsewhere() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_000)));
    let default = |limit: Limit| limit.rule().default.parse().ok();
    let limits = Limits::read(true, default).unwrap();
    let limits = RateLimits::new(&limits, &(clock as _));
    let from = |text| Counted {
        address: Some(address(text)),
        subject: Some("ada@example.com"),
        device: None,
    };
    let admitted = (0..1_000).filter(|_| wait(&limits, from("192.0.2.1")).is_none());
    assert_eq!(admitted.count(), 5);
    assert_eq!(wait(&limits, from("192.0.2.2")), None);
}

#[test]
fn a_known_device_is_counted_by_itself() {
    let (limits, _clock) = limits(1);
    let counted = Counted::from_address(Some(address("192.0.2.1")));
    let device = |name| Counted {
        device: Some(name),
        ..counted
    };
    for counted in [counted, device("device 1"), device("device 2")] {
        assert!(limits.count(Limit::Login, counted).unwrap().allowed);
        assert!(!limits.count(Limit::Login, counted).unwrap().allowed);
    }
}

#[test]
fn nothing_is_counted_when_limits_are_off() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_000)));
    let limits = Limits::read(false, |_| Some(1)).unwrap();
    let limits = RateLimits::new(&limits, &(clock as _));
    let counted = Counted {
        address: Some(address("192.0.2.1")),
        subject: Some("ada@example.com"),
        device: None,
    };
    assert_eq!(limits.count(Limit::Login, counted), None);
    assert!(limits.in_flight(counted).is_empty());
}
