//! The counters behind the rate limits, kept in this process.
//!
//! The table of limits and the rule that admits a request are in `signet_core::limits`. Every key
//! is a keyed hash, with a key of this process, so an attacker cannot choose counters. This module
//! must not know routes, or how a refusal is written.

mod counters;
#[cfg(test)]
mod tests;
mod wrong_passwords;

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use signet_core::limits::{CountBy, Limit, Limits, Quota, Verdict, networks};
use signet_verifier::Clock;

use crate::hashing::InFlight;
use counters::Counters;
pub(crate) use wrong_passwords::WrongPasswords;

/// What a request is counted by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted<'a> {
    /// The client address; unknown where no connection exists, and then it is not counted.
    pub address: Option<IpAddr>,
    /// The account (its email for lookups) or client that the request is about, if it names one.
    pub subject: Option<&'a str>,
}

impl Counted<'_> {
    /// A request that is counted by its address alone.
    pub fn from_address(address: Option<IpAddr>) -> Self {
        Self {
            address,
            subject: None,
        }
    }
}

/// A limit that was exceeded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many requests; try again in {} s", wait.as_secs().saturating_add(1))]
pub struct TooMany {
    /// The time until the next request is admitted.
    pub wait: Duration,
}

/// The counters of all limits.
#[derive(Debug)]
pub struct RateLimits {
    limits: Limits,
    counters: Vec<(Limit, Counters)>,
    hasher: RandomState,
    clock: Arc<dyn Clock>,
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

    /// Counts an attempt at a password. The caller takes it back if the password is right, so
    /// only wrong passwords use up the budgets.
    pub(crate) fn count_password(&self, counted: Counted<'_>) -> Result<(), TooMany> {
        for (index, limit) in PASSWORD_LIMITS.into_iter().enumerate() {
            let Err(too_many) = refusal(self.count(limit, counted)) else {
                continue;
            };
            for counted_before in PASSWORD_LIMITS.into_iter().take(index) {
                self.take_back(counted_before, counted);
            }
            note_refusal(limit);
            return Err(too_many);
        }
        Ok(())
    }

    /// Takes back an attempt whose password was right, or was not checked.
    pub(crate) fn take_back_password(&self, counted: Counted<'_>) {
        for limit in PASSWORD_LIMITS {
            self.take_back(limit, counted);
        }
    }

    /// Refuses a client whose proofs were wrong too often.
    pub(crate) fn check_client(&self, counted: Counted<'_>) -> Result<(), TooMany> {
        let refused = refusal(self.look(Limit::WrongClientProof, counted));
        refused.inspect_err(|_| note_refusal(Limit::WrongClientProof))
    }

    /// Counts a mail to an address, whether an account has it or not.
    pub(crate) fn count_mail(&self, counted: Counted<'_>) -> Result<(), TooMany> {
        let refused = refusal(self.count(Limit::Mail, counted));
        refused.inspect_err(|_| note_refusal(Limit::Mail))
    }

    /// How many hash jobs the network and the account of a request may have in flight.
    pub(crate) fn in_flight(&self, counted: Counted<'_>) -> Vec<InFlight> {
        if !self.limits.enabled {
            return Vec::new();
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

    /// Forgets counters that are whole again.
    pub fn forget_idle(&self) {
        for (_, counters) in &self.counters {
            counters.forget_idle(self.clock.monotonic());
        }
    }

    fn counters_of(
        &self,
        limit: Limit,
        counted: Counted<'_>,
    ) -> Option<(&Counters, Vec<(u64, Quota)>)> {
        let mut counters = self.counters.iter().filter(|_| self.limits.enabled);
        let (_, counters) = counters.find(|(known, _)| *known == limit)?;
        let keys = self.keys(limit, counted);
        (!keys.is_empty()).then_some((counters, keys))
    }

    /// The counters of a request, the widest first. None if it lacks what the limit counts by.
    fn keys(&self, limit: Limit, counted: Counted<'_>) -> Vec<(u64, Quota)> {
        let quota = self.limits.quota(limit);
        let subject = match (limit.rule().count_by, counted.subject) {
            (CountBy::Network, _) => None,
            (_, None) => return Vec::new(),
            (CountBy::Subject, Some(subject)) => {
                return vec![(self.hasher.hash_one(subject), quota)];
            }
            (CountBy::NetworkAndSubject, subject) => subject,
        };
        let networks = counted.address.into_iter().flat_map(networks);
        networks
            .map(|(network, factor)| {
                let key = self.hasher.hash_one((network, subject));
                (key, quota.times(factor))
            })
            .collect()
    }
}

fn refusal(verdict: Option<Verdict>) -> Result<(), TooMany> {
    match verdict {
        Some(verdict) if !verdict.allowed => Err(TooMany {
            wait: verdict.reset,
        }),
        _ => Ok(()),
    }
}

/// Counts a refusal in the metrics.
pub fn note_refusal(limit: Limit) {
    let name = limit.rule().name;
    metrics::counter!("signet_rate_limited_total", "limit" => name).increment(1);
}

/// What every attempt at a password counts against.
const PASSWORD_LIMITS: [Limit; 2] = [Limit::WrongPasswordFromNetwork, Limit::WrongPassword];
/// A few people behind one address sign in at the same moment; a queue full of them is an attack.
const JOBS_PER_NETWORK: u32 = 4;
/// One person signs in on two devices at the same moment.
const JOBS_PER_ACCOUNT: u32 = 2;
