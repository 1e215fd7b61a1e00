//! How often one client address may register, sign in, refresh, ask for tokens, revoke them and
//! introspect them, counted in this process.
//!
//! The limits keep one machine from being overloaded; they are no substitute for limits that all
//! replicas share. Memory is bounded: when too many addresses are known, further ones share
//! counters. This module must not know what is behind a limit, or how a refusal is written.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use signet_verifier::Clock;

/// How often one client address may ask; each is allowed as a burst and refills over a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Whether there are limits at all. `false` is for load tests.
    pub enabled: bool,
    /// Registrations per minute.
    pub register_per_minute: u32,
    /// Sign-ins per minute.
    pub login_per_minute: u32,
    /// Refreshes per minute.
    pub refresh_per_minute: u32,
    /// Requests of programs for tokens, per minute; and as many revocations.
    pub token_per_minute: u32,
    /// Introspections per minute.
    pub introspect_per_minute: u32,
}

/// The kinds of requests that are limited, each with counters of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limited {
    /// Registrations of accounts.
    Register,
    /// Sign-ins with a password.
    Login,
    /// Refreshes of sessions.
    Refresh,
    /// Requests of programs for tokens.
    Token,
    /// Revocations of tokens by programs.
    Revoke,
    /// Introspections of tokens by programs.
    Introspect,
}

/// The counters of all addresses; none if limits are off.
#[derive(Debug)]
pub struct RateLimits {
    limiters: Option<[Limiter; 6]>,
}

impl RateLimits {
    /// Counters with these limits, in the time of `clock`.
    pub fn new(limits: &Limits, clock: &Arc<dyn Clock>) -> Self {
        let limiter = |per_minute: u32| Limiter::new(per_minute, Arc::clone(clock));
        Self {
            limiters: limits.enabled.then(|| {
                [
                    limiter(limits.register_per_minute),
                    limiter(limits.login_per_minute),
                    limiter(limits.refresh_per_minute),
                    limiter(limits.token_per_minute),
                    limiter(limits.token_per_minute),
                    limiter(limits.introspect_per_minute),
                ]
            }),
        }
    }

    /// Counts one request from `address`; `None` if limits are off.
    pub fn count(&self, limited: Limited, address: Option<IpAddr>) -> Option<Verdict> {
        Some(self.limiter(limited)?.count(address))
    }

    /// Forgets addresses whose counters are full again.
    pub fn forget_idle(&self) {
        for limiter in self.limiters.iter().flatten() {
            limiter.counters.retain_recent();
            limiter.counters.shrink_to_fit();
        }
    }

    fn limiter(&self, limited: Limited) -> Option<&Limiter> {
        let [register, login, refresh, token, revoke, introspect] = self.limiters.as_ref()?;
        Some(match limited {
            Limited::Register => register,
            Limited::Login => login,
            Limited::Refresh => refresh,
            Limited::Token => token,
            Limited::Revoke => revoke,
            Limited::Introspect => introspect,
        })
    }
}

/// One kind of request.
#[derive(Debug)]
struct Limiter {
    counters: RateLimiter<Key, DashMapStateStore<Key>, MonotonicClock, StateInformationMiddleware>,
    clock: MonotonicClock,
}

impl Limiter {
    fn new(per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        let clock = MonotonicClock(clock);
        Self {
            counters: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()),
            clock,
        }
    }

    fn count(&self, address: Option<IpAddr>) -> Verdict {
        let key = Key::of(address, self.counters.len() >= MAX_ADDRESSES);
        match self.counters.check_key(&key) {
            Ok(snapshot) => {
                let limit = snapshot.quota().burst_size().get();
                let remaining = snapshot.remaining_burst_capacity();
                let used = limit.saturating_sub(remaining);
                let reset = snapshot.quota().replenish_interval().saturating_mul(used);
                Verdict {
                    allowed: true,
                    limit,
                    remaining,
                    reset,
                }
            }
            Err(refusal) => Verdict {
                allowed: false,
                limit: refusal.quota().burst_size().get(),
                remaining: 0,
                reset: refusal.wait_time_from(self.clock.now()),
            },
        }
    }
}

/// What a counter says of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Whether the request may go on.
    pub allowed: bool,
    /// How many requests are allowed as a burst.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// When allowed, how long it takes until the whole burst is back; else how long to wait.
    pub reset: Duration,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Key {
    /// One IPv4 address.
    V4([u8; 4]),
    /// One IPv6 network of 64 bits: what a single subscriber has.
    V6(u128),
    /// One of a fixed number of counters, for addresses beyond the bound.
    Crowd(u64),
}

impl Key {
    fn of(address: Option<IpAddr>, is_full: bool) -> Self {
        let key = match address {
            Some(IpAddr::V4(address)) => Self::V4(address.octets()),
            Some(IpAddr::V6(address)) => Self::V6(address.to_bits() >> 64),
            None => Self::Crowd(0),
        };
        if is_full { key.in_crowd() } else { key }
    }

    fn in_crowd(self) -> Self {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        Self::Crowd(hasher.finish() % CROWDS)
    }
}

/// Our clock as the governor wants it.
#[derive(Clone, Debug)]
struct MonotonicClock(Arc<dyn Clock>);

impl GovernorClock for MonotonicClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

/// How many addresses have a counter of their own; each takes about 100 bytes.
const MAX_ADDRESSES: usize = 50_000;
/// How many counters the others share.
const CROWDS: u64 = 1_024;

#[cfg(test)]
mod tests {
    use signet_verifier::{ManualClock, Timestamp};

    use super::*;

    fn limiter(per_minute: u32) -> (Limiter, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_000)));
        (Limiter::new(per_minute, Arc::clone(&clock) as _), clock)
    }

    fn from(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_is_allowed_and_refills_over_a_minute() {
        let (limiter, clock) = limiter(3);
        for remaining in [2, 1, 0] {
            let verdict = limiter.count(Some(from("192.0.2.1")));
            assert_eq!((verdict.allowed, verdict.remaining), (true, remaining));
        }
        let refused = limiter.count(Some(from("192.0.2.1")));
        assert_eq!(
            (refused.allowed, refused.reset),
            (false, Duration::from_secs(20))
        );
        clock.advance(Duration::from_secs(20));
        assert!(limiter.count(Some(from("192.0.2.1"))).allowed);
        assert!(!limiter.count(Some(from("192.0.2.1"))).allowed);
    }

    #[test]
    fn addresses_are_counted_apart_and_networks_of_64_bits_together() {
        let (limiter, _clock) = limiter(1);
        assert!(limiter.count(Some(from("192.0.2.1"))).allowed);
        assert!(limiter.count(Some(from("192.0.2.2"))).allowed);
        assert!(limiter.count(Some(from("2001:db8::1"))).allowed);
        assert!(!limiter.count(Some(from("2001:db8::ffff:2"))).allowed);
        assert!(limiter.count(Some(from("2001:db8:0:1::1"))).allowed);
    }

    #[test]
    fn idle_addresses_are_forgotten() {
        let limits = Limits {
            enabled: true,
            register_per_minute: 1,
            login_per_minute: 1,
            refresh_per_minute: 1,
            token_per_minute: 1,
            introspect_per_minute: 1,
        };
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_000)));
        let counters = RateLimits::new(&limits, &(Arc::clone(&clock) as _));
        let login = counters.limiter(Limited::Login).unwrap();
        login.count(Some(from("192.0.2.1")));
        counters.forget_idle();
        assert_eq!(login.counters.len(), 1);
        clock.advance(Duration::from_mins(2));
        counters.forget_idle();
        assert_eq!(login.counters.len(), 0);
    }

    #[test]
    fn beyond_the_bound_addresses_share_counters() {
        let key = |text| Key::of(Some(from(text)), true);
        assert!(matches!(key("192.0.2.1"), Key::Crowd(crowd) if crowd < CROWDS));
        assert_eq!(key("192.0.2.1"), key("192.0.2.1"));
    }
}
