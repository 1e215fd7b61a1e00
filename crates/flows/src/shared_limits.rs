//! Counting where all replicas count together.
//!
//! The counters of this process stand in front and cost no I/O. What the shared counters say is
//! noted in them, so a request that the shared ones refuse is refused here for as long. If the
//! shared counters cannot answer, those of this process decide, and an event says so.

use std::time::Duration;

use signet_core::limits::{CountAt, CounterId, Limit, Verdict, admit};
use signet_store::{CounterGroup, Counts, StoreError};
use signet_verifier::Timestamp;
use tokio::time::timeout;

use crate::events::{self, Event, LimitEvent};
use crate::flows::Flows;
use crate::origin::Caller;
use crate::rate_limits::{Counted, Judged, Party, TooMany, note_refusal, password_limits, refusal};

/// A request that was counted, and can be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Whether the shared counters have it too.
    shared: bool,
}

impl Flows {
    /// Counts a request that arrives, where its limit is counted before anything of it is read;
    /// `None` if there is nothing to count it by or limits are off.
    pub async fn count_arrival(&self, limit: Limit, counted: Counted<'_>) -> Option<Verdict> {
        match limit.rule().count_at {
            CountAt::Everywhere | CountAt::Together => {
                let judged = self.count_everywhere(&[limit], counted).await;
                judged.map(|(judged, _)| judged.verdict)
            }
            CountAt::Process | CountAt::EverywhereIfGenuine => {
                self.rate_limits.count(limit, counted)
            }
        }
    }

    /// Counts one request against `limits`, or against none if one of them refuses it; `None` if
    /// there is nothing to count it by or limits are off. The limits have the same kind of subject.
    pub(crate) async fn count_everywhere(
        &self,
        limits: &[Limit],
        counted: Counted<'_>,
    ) -> Option<(Judged, Receipt)> {
        let here = self.rate_limits.count_all(limits, counted);
        let alone = here.map(|here| (here, Receipt { shared: false }));
        if here.is_some_and(|here| !here.verdict.allowed) {
            return alone;
        }
        let Some(everywhere) = self.count_shared(limits, counted).await else {
            return alone;
        };
        if !everywhere.verdict.allowed {
            self.rate_limits.take_back_all(limits, counted);
        }
        Some((everywhere, Receipt { shared: true }))
    }

    /// Counts one request that this process has counted where all replicas count together; `None`
    /// if they cannot answer.
    pub(crate) async fn count_shared(
        &self,
        limits: &[Limit],
        counted: Counted<'_>,
    ) -> Option<Judged> {
        let shared = self.shared_counters(limits, counted)?;
        let counting = self.stores.shared_limits.count(&shared.group, shared.now);
        let counts = match timeout(SHARED_WITHIN, counting).await {
            Ok(Ok(counts)) => counts,
            Ok(Err(error)) => return self.decide_here(Some(&error)),
            Err(_) => return self.decide_here(None),
        };
        let parties = shared.parties.iter().zip(&counts.whole_in);
        self.rate_limits.raise(parties);
        shared.judge(&counts)
    }

    /// Takes back one request that was counted.
    async fn take_back_everywhere(&self, limits: &[Limit], counted: Counted<'_>, receipt: Receipt) {
        self.rate_limits.take_back_all(limits, counted);
        let Some(shared) = self.shared_counters(limits, counted) else {
            return;
        };
        if receipt.shared {
            let taking = self
                .stores
                .shared_limits
                .take_back(&shared.group, shared.now);
            // If it fails, the budget is smaller by one request for a while.
            let _result = timeout(SHARED_WITHIN, taking).await;
        }
    }

    /// Counts a refresh or a token request that has shown that it is genuine. This process has
    /// counted it when it arrived.
    pub(crate) async fn count_genuine(
        &self,
        limit: Limit,
        counted: Counted<'_>,
    ) -> Result<(), TooMany> {
        let judged = self.count_shared(&[limit], counted).await;
        refuse(judged)
    }

    /// Counts an attempt at a password. The caller takes it back if the password is right, so
    /// only wrong passwords use up the budgets.
    ///
    /// # Errors
    ///
    /// [`TooMany`]. The password must not be checked then.
    pub async fn count_password(&self, counted: Counted<'_>) -> Result<Receipt, TooMany> {
        let limits = password_limits(counted);
        let Some((judged, receipt)) = self.count_everywhere(limits, counted).await else {
            return Ok(Receipt { shared: false });
        };
        refuse(Some(judged)).map(|()| receipt)
    }

    /// Makes an attempt at a password, and counts it only if its error is a wrong password. If there
    /// were too many, the attempt is not made.
    pub(crate) async fn count_if_wrong<T, E: From<TooMany>>(
        &self,
        counted: Counted<'_>,
        attempt: impl Future<Output = Result<T, E>> + Send,
        is_wrong: impl Fn(&E) -> bool + Send,
    ) -> Result<T, E> {
        let receipt = self.count_password(counted).await?;
        let outcome = attempt.await;
        if !outcome.as_ref().is_err_and(is_wrong) {
            let limits = password_limits(counted);
            self.take_back_everywhere(limits, counted, receipt).await;
        }
        outcome
    }

    /// Counts a mail to an address, whether an account has it or not.
    pub(crate) async fn count_mail(&self, counted: Counted<'_>) -> Result<(), TooMany> {
        self.count_or_refuse(Limit::Mail, counted).await
    }

    /// Counts one request, and fails if there were too many.
    pub(crate) async fn count_or_refuse(
        &self,
        limit: Limit,
        counted: Counted<'_>,
    ) -> Result<(), TooMany> {
        let judged = self.count_everywhere(&[limit], counted).await;
        refuse(judged.map(|(judged, _)| judged))
    }

    /// Counts a wrong proof of a client. `RateLimits::check_client` refuses
    /// the next proof here if no replica admits more.
    pub(crate) async fn count_wrong_proof(&self, counted: Counted<'_>) {
        let _judged = self
            .count_everywhere(&[Limit::WrongClientProof], counted)
            .await;
    }

    /// The counters of a request in one group; none if there is nothing to count it by.
    fn shared_counters<'a>(&self, limits: &[Limit], counted: Counted<'a>) -> Option<Shared<'a>> {
        if !self.rate_limits.are_enabled() {
            return None;
        }
        let (now, keys) = (self.clock.now(), &self.keys().mac);
        let mut parties = Vec::new();
        for &limit in limits {
            let of_limit = self.rate_limits.parties(limit, counted).into_iter();
            parties.extend(of_limit.map(|party| (limit, party)));
        }
        let (_, widest) = parties.first()?;
        let named = |(limit, party): &(Limit, Party<'_>)| {
            let id = CounterId::new(keys, *limit, (party.network, party.subject), now);
            (id, party.quota)
        };
        let group = CounterGroup {
            id: CounterId::group(
                keys,
                (widest.network, counted.subject.or(widest.subject)),
                now,
            ),
            counters: parties.iter().map(named).collect(),
        };
        Some(Shared {
            group,
            parties,
            now,
        })
    }

    fn decide_here<T>(&self, error: Option<&StoreError>) -> Option<T> {
        if self.rate_limits.may_tell_of_outage() {
            if let Some(error) = error {
                tracing::warn!(%error, "requests cannot be counted together with other replicas");
            }
            events::emit(Event::Limits(LimitEvent::NotShared), Caller::SYSTEM);
        }
        None
    }
}

/// The shared counters of a request.
struct Shared<'a> {
    group: CounterGroup,
    parties: Vec<(Limit, Party<'a>)>,
    now: Timestamp,
}

impl Shared<'_> {
    /// The tightest verdict.
    fn judge(&self, counts: &Counts) -> Option<Judged> {
        let judged = self.parties.iter().zip(&counts.whole_in);
        let judged = judged.map(|((limit, party), whole_in)| Judged {
            limit: *limit,
            verdict: if counts.counted {
                Verdict::after_counting(*whole_in, party.quota)
            } else {
                admit(*whole_in, party.quota, Duration::ZERO)
            },
        });
        judged.reduce(Judged::tighter)
    }
}

fn refuse(judged: Option<Judged>) -> Result<(), TooMany> {
    let refused = refusal(judged);
    refused.inspect_err(|refused| note_refusal(refused.limit))
}

/// A request waits no longer for the shared counters.
const SHARED_WITHIN: Duration = Duration::from_millis(500);
