//! The shield: how often one address may register, sign in, refresh, ask for tokens, revoke them and
//! introspect them, counted in this process.
//!
//! It keeps a single machine from being worn down; it is no substitute for limits that all
//! replicas share. Memory is bounded: when too many addresses are known, further ones share
//! counters. This module must not know what the routes behind it do.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use signet_verifier::Clock;

use crate::app::App;
use crate::config::Limits;
use crate::error::{ApiError, Code};
use crate::extract::ClientAddress;
use crate::oauth::OAuthError;

/// What is counted; each on its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shielded {
    /// Making accounts.
    Register,
    /// Trying passwords.
    Login,
    /// Exchanging refresh tokens.
    Refresh,
    /// Asking for tokens by OAuth 2.0.
    Token,
    /// Giving them back.
    Revoke,
    /// Asking what they are worth.
    Introspect,
}

impl Shielded {
    /// The refusal, as it is written where the request went.
    pub(crate) fn refuse(self, error: ApiError) -> Response {
        match self {
            Self::Token | Self::Revoke | Self::Introspect => {
                OAuthError::from(error).into_response()
            }
            Self::Register | Self::Login | Self::Refresh => error.into_response(),
        }
    }
}

/// The counters of all addresses; nothing at all when limits are off.
#[derive(Debug)]
pub struct Shield {
    limiters: Option<[Limiter; 6]>,
}

impl Shield {
    /// A shield with these limits, in the time of `clock`.
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

    /// Forgets addresses whose counters are full again.
    pub fn forget_idle(&self) {
        for limiter in self.limiters.iter().flatten() {
            limiter.counters.retain_recent();
            limiter.counters.shrink_to_fit();
        }
    }

    fn limiter(&self, shielded: Shielded) -> Option<&Limiter> {
        let [register, login, refresh, token, revoke, introspect] = self.limiters.as_ref()?;
        Some(match shielded {
            Shielded::Register => register,
            Shielded::Login => login,
            Shielded::Refresh => refresh,
            Shielded::Token => token,
            Shielded::Revoke => revoke,
            Shielded::Introspect => introspect,
        })
    }
}

/// Counts the request, and answers 429 when there were too many.
pub(crate) async fn shield(
    State((app, shielded)): State<(App, Shielded)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(limiter) = app.shield.limiter(shielded) else {
        return next.run(request).await;
    };
    let address = ClientAddress::of(request.extensions(), request.headers(), &app.settings);
    let verdict = limiter.count(address);
    let mut response = if verdict.allowed {
        next.run(request).await
    } else {
        metrics::counter!("signet_rate_limited_total").increment(1);
        shielded.refuse(ApiError::from(Code::RateLimited).retry_after(verdict.reset))
    };
    verdict.write(response.headers_mut());
    response
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

    fn count(&self, address: ClientAddress) -> Verdict {
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

/// What the counter says, and what the client is told of it.
struct Verdict {
    allowed: bool,
    limit: u32,
    remaining: u32,
    reset: Duration,
}

impl Verdict {
    /// The three headers of draft-ietf-httpapi-ratelimit-headers-05, which clients know.
    fn write(&self, headers: &mut HeaderMap) {
        let reset = self.reset.as_secs() + u64::from(self.reset.subsec_nanos() > 0);
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(reset));
    }
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
    fn of(ClientAddress(address): ClientAddress, is_full: bool) -> Self {
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

pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

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

    fn from(text: &str) -> ClientAddress {
        ClientAddress(Some(text.parse().unwrap()))
    }

    #[test]
    fn a_burst_is_allowed_and_refills_over_a_minute() {
        let (limiter, clock) = limiter(3);
        for remaining in [2, 1, 0] {
            let verdict = limiter.count(from("192.0.2.1"));
            assert_eq!((verdict.allowed, verdict.remaining), (true, remaining));
        }
        let refused = limiter.count(from("192.0.2.1"));
        assert_eq!(
            (refused.allowed, refused.reset),
            (false, Duration::from_secs(20))
        );
        clock.advance(Duration::from_secs(20));
        assert!(limiter.count(from("192.0.2.1")).allowed);
        assert!(!limiter.count(from("192.0.2.1")).allowed);
    }

    #[test]
    fn addresses_are_counted_apart_and_networks_of_64_bits_together() {
        let (limiter, _clock) = limiter(1);
        assert!(limiter.count(from("192.0.2.1")).allowed);
        assert!(limiter.count(from("192.0.2.2")).allowed);
        assert!(limiter.count(from("2001:db8::1")).allowed);
        assert!(!limiter.count(from("2001:db8::ffff:2")).allowed);
        assert!(limiter.count(from("2001:db8:0:1::1")).allowed);
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
        let shield = Shield::new(&limits, &(Arc::clone(&clock) as _));
        let login = shield.limiter(Shielded::Login).unwrap();
        login.count(from("192.0.2.1"));
        shield.forget_idle();
        assert_eq!(login.counters.len(), 1);
        clock.advance(Duration::from_mins(2));
        shield.forget_idle();
        assert_eq!(login.counters.len(), 0);
    }

    #[test]
    fn beyond_the_bound_addresses_share_counters() {
        let key = |text| Key::of(from(text), true);
        assert!(matches!(key("192.0.2.1"), Key::Crowd(crowd) if crowd < CROWDS));
        assert_eq!(key("192.0.2.1"), key("192.0.2.1"));
    }
}
