//! The counters behind the rate limits, kept in this process.
//!
//! The table of limits and the rule that admits a request are in `signet_core::limits`. Every key
//! is a keyed hash, with a key of this process, so an attacker cannot choose counters. This module
//! must not know routes, how a refusal is written, or how replicas count together.

mod counters;
#[cfg(test)]
mod tests;
mod wrong_passwords;

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use signet_core::limits::{CountAt, CountBy, Limit, Limits, Network, Quota, Verdict, networks};
use signet_verifier::Clock;

use crate::hashing::InFlight;
use crate::notice::Notice;
use counters::Counters;
pub(crate) use wrong_passwords::WrongPasswords;

/// What a request is counted by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted<'a> {
    /// The client address; unknown where no connection exists, and then it is not counted.
    pub address: Option<IpAddr>,
    /// The account (its email for lookups) or client that the request is about, if it names one.
    pub subject: Option<&'a str>,
    /// The name of the known device that the request comes from. If the request names an account,
    /// it is a device of that account.
    pub device: Option<&'a str>,
}

impl Counted<'_> {
    /// A request that is counted by its address alone.
    pub fn from_address(address: Option<IpAddr>) -> Self {
        Self {
            address,
            subject: None,
            device: None,
        }
    }
}

/// A limit that was exceeded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many requests; try again in {} s", wait.as_secs().saturating_add(1))]
pub struct TooMany {
    /// The time until the next request is admitted.
    pub wait: Duration,
    /// The limit.
    pub limit: Limit,
}

/// The counters of all limits.
#[derive(Debug)]
pub struct RateLimits {
    limits: Limits,
    counters: Vec<(Limit, Counters)>,
    hasher: RandomState,
    clock: Arc<dyn Clock>,
    outage: Notice,
    failures: Notice,
}

impl RateLimits {
    /// Counters with these limits, in the time of `clock`.
    pub fn new(limits: &Limits, clock: &Arc<dyn Clock>) -> Self {
        let counters = Limit::ALL.iter().map(|&limit| (limit, Counters::default()));
        Self {
            limits: limits.clone(),
            counters: counters.collect(),
            hasher: RandomState::new(),
            clock: Arc::clone(clock),
            outage: Notice::default(),
            failures: Notice::default(),
        }
    }

    /// Counts one request; `None` if there is nothing to count it by or limits are off.
    pub fn count(&self, limit: Limit, counted: Counted<'_>) -> Option<Verdict> {
        let (counters, keys) = self.counters_of(limit, counted)?;
        counters.count(&keys, self.clock.monotonic())
    }

    /// What [`count`](Self::count) would say, without counting.
    pub fn look(&self, limit: Limit, counted: Counted<'_>) -> Option<Verdict> {
        let (counters, keys) = self.counters_of(limit, counted)?;
        counters.look(&keys, self.clock.monotonic())
    }

    /// Takes back one request that was counted.
    pub fn take_back(&self, limit: Limit, counted: Counted<'_>) {
        if let Some((counters, keys)) = self.counters_of(limit, counted) {
            counters.take_back(&keys);
        }
    }

    /// Counts one request against several limits, or against none if one of them refuses it. The
    /// verdict of that one, or else the tightest.
    pub(crate) fn count_all(&self, limits: &[Limit], counted: Counted<'_>) -> Option<Judged> {
        let mut tightest: Option<Judged> = None;
        for (index, &limit) in limits.iter().enumerate() {
            let Some(verdict) = self.count(limit, counted) else {
                continue;
            };
            let judged = Judged { limit, verdict };
            if !verdict.allowed {
                let before = limits.get(..index).unwrap_or_default();
                self.take_back_all(before, counted);
                return Some(judged);
            }
            tightest = Some(tightest.map_or(judged, |tightest| tightest.tighter(judged)));
        }
        tightest
    }

    pub(crate) fn take_back_all(&self, limits: &[Limit], counted: Counted<'_>) {
        for &limit in limits {
            self.take_back(limit, counted);
        }
    }

    /// Refuses a client whose proofs were wrong too often.
    pub(crate) fn check_client(&self, counted: Counted<'_>) -> Result<(), TooMany> {
        let limit = Limit::WrongClientProof;
        let judged = self.look(limit, counted);
        let refused = refusal(judged.map(|verdict| Judged { limit, verdict }));
        refused.inspect_err(|_| note_refusal(Limit::WrongClientProof))
    }

    /// Whether half of a burst is used up: of the wrong passwords of an account, of the sign-ins of
    /// a network, or of the failed sign-ins of all accounts together.
    pub(crate) fn is_under_attack(&self, counted: Counted<'_>) -> bool {
        let everybody = Counted {
            subject: Some(EVERYBODY),
            ..Counted::default()
        };
        let watched = [
            (Limit::WrongPassword, counted),
            (Limit::Login, counted),
            (Limit::FailedSignIns, everybody),
        ];
        watched.into_iter().any(|(limit, counted)| {
            let half = self.quota(limit).burst() / 2;
            let verdict = self.look(limit, counted);
            verdict.is_some_and(|verdict| verdict.remaining < half)
        })
    }

    /// How many hash jobs the network and the account of a request may have in flight.
    pub(crate) fn in_flight(&self, counted: Counted<'_>) -> Vec<InFlight> {
        if !self.limits.enabled {
            return Vec::new();
        }
        if let Some(device) = counted.device {
            return vec![InFlight {
                key: self.hasher.hash_one(device),
                most: JOBS_PER_ACCOUNT,
            }];
        }
        let networks = counted.address.into_iter().flat_map(networks);
        let networks = networks.map(|(network, factor)| InFlight {
            key: self.hasher.hash_one(network),
            most: JOBS_PER_NETWORK.saturating_mul(factor),
        });
        let account = counted.subject.map(|subject| InFlight {
            key: self.hasher.hash_one(subject),
            most: JOBS_PER_ACCOUNT,
        });
        networks.chain(account).collect()
    }

    /// The quota of a single network or subject.
    pub fn quota(&self, limit: Limit) -> Quota {
        self.limits.quota(limit)
    }

    /// Notes that each counter is whole after this time and no sooner, as the shared counters say.
    pub(crate) fn raise<'a>(
        &self,
        parties: impl Iterator<Item = (&'a (Limit, Party<'a>), &'a Duration)>,
    ) {
        let now = self.clock.monotonic();
        for ((limit, party), whole_in) in parties {
            let mut counters = self.counters.iter();
            if let Some((_, counters)) = counters.find(|(known, _)| known == limit) {
                counters.raise(self.key(*party), *whole_in, now);
            }
        }
    }

    /// Whether there are limits at all.
    pub(crate) fn are_enabled(&self) -> bool {
        self.limits.enabled
    }

    /// Whether to tell now that the shared counters cannot answer: once a minute.
    pub(crate) fn may_tell_of_outage(&self) -> bool {
        self.outage.is_due(self.clock.monotonic())
    }

    /// Whether to tell now that many sign-ins fail: once a minute.
    pub(crate) fn may_tell_of_failures(&self) -> bool {
        self.failures.is_due(self.clock.monotonic())
    }

    /// Forgets counters that are whole again.
    pub(crate) fn forget_idle(&self) {
        for (_, counters) in &self.counters {
            counters.forget_idle(self.clock.monotonic());
        }
    }

    fn counters_of(
        &self,
        limit: Limit,
        counted: Counted<'_>,
    ) -> Option<(&Counters, Vec<(u64, Quota)>)> {
        if limit.rule().count_at == CountAt::Together || !self.limits.enabled {
            return None;
        }
        let mut counters = self.counters.iter();
        let (_, counters) = counters.find(|(known, _)| *known == limit)?;
        let keys = self.keys(limit, counted);
        (!keys.is_empty()).then_some((counters, keys))
    }

    /// The counters of a request, the widest first. None if it lacks what the limit counts by.
    fn keys(&self, limit: Limit, counted: Counted<'_>) -> Vec<(u64, Quota)> {
        let parties = self.parties(limit, counted);
        let key = |party: Party<'_>| (self.key(party), party.quota);
        parties.into_iter().map(key).collect()
    }

    fn key(&self, party: Party<'_>) -> u64 {
        self.hasher.hash_one((party.network, party.subject))
    }

    /// The parties that a request is counted for, the widest network first.
    pub(crate) fn parties<'a>(&self, limit: Limit, counted: Counted<'a>) -> Vec<Party<'a>> {
        let quota = self.limits.quota(limit);
        let of_subject = |subject: Option<&'a str>| {
            let network = None;
            let party = subject.map(|subject| Party {
                network,
                subject: Some(subject),
                quota,
            });
            party.into_iter().collect()
        };
        let subject = match limit.rule().count_by {
            CountBy::Subject => return of_subject(counted.subject),
            CountBy::Device => return of_subject(counted.device),
            CountBy::DeviceOrNetwork if counted.device.is_some() => {
                return of_subject(counted.device);
            }
            CountBy::NetworkAndSubject if counted.subject.is_none() => return Vec::new(),
            CountBy::NetworkAndSubject => counted.subject,
            CountBy::Network | CountBy::DeviceOrNetwork => None,
        };
        let networks = counted.address.into_iter().flat_map(networks);
        let party = |(network, factor)| Party {
            network: Some(network),
            subject,
            quota: quota.times(factor),
        };
        networks.map(party).collect()
    }
}

/// The verdict of the limit that decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Judged {
    /// The limit.
    pub(crate) limit: Limit,
    /// What it says.
    pub(crate) verdict: Verdict,
}

impl Judged {
    /// The one that leaves fewer requests.
    pub(crate) fn tighter(self, other: Self) -> Self {
        let left = |judged: Self| (judged.verdict.allowed, judged.verdict.remaining);
        if left(other) < left(self) {
            other
        } else {
            self
        }
    }
}

/// A network, an account or client, or both, with the budget of one limit.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    pub(crate) network: Option<Network>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) quota: Quota,
}

pub(crate) fn refusal(judged: Option<Judged>) -> Result<(), TooMany> {
    match judged {
        Some(Judged { limit, verdict }) if !verdict.allowed => Err(TooMany {
            wait: verdict.reset,
            limit,
        }),
        _ => Ok(()),
    }
}

/// Counts a refusal in the metrics.
pub fn note_refusal(limit: Limit) {
    let name = limit.rule().name;
    metrics::counter!("signet_rate_limited_total", "limit" => name).increment(1);
}

/// What an attempt at a password counts against. A known device of the account has budgets of its
/// own, so other devices cannot use them up.
pub(crate) fn password_limits(counted: Counted<'_>) -> &'static [Limit] {
    match counted.device {
        Some(_) => &[
            Limit::WrongPasswordFromDevice,
            Limit::WrongPasswordFromDeviceInHour,
            Limit::WrongPasswordFromDeviceInDay,
        ],
        None => &[
            Limit::WrongPasswordFromNetwork,
            Limit::WrongPasswordFromNetworkInHour,
            Limit::WrongPasswordFromNetworkInDay,
            Limit::WrongPassword,
            Limit::WrongPasswordInHour,
            Limit::WrongPasswordInDay,
        ],
    }
}

/// What failed sign-ins of all accounts are counted by. No email address has this form.
pub(crate) const EVERYBODY: &str = "everybody";
/// A few people behind one address sign in at the same moment; a queue full of them is an attack.
const JOBS_PER_NETWORK: u32 = 4;
/// One person signs in on two devices at the same moment.
const JOBS_PER_ACCOUNT: u32 = 2;
