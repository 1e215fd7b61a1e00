//! Judging the answer of a captcha, which stands in for a proof of work.
//!
//! Each answer is sent to the service once. If the service gives no verdict, the client does the work
//! instead, and operators are told. This module must not know when a proof is required.

use std::time::Duration;

use signet_core::captcha::CaptchaAnswer;
use signet_store::{Claimed, StoreError};

use crate::captcha::CaptchaError;
use crate::events::{self, Event, LimitEvent};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

/// What became of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CaptchaVerdict {
    /// The service accepts it.
    Right,
    /// The service refuses it, or it was sent before.
    Wrong,
    /// There is no verdict.
    Unknown,
}

impl Flows {
    /// Asks the service about an answer that was not sent before.
    pub(crate) async fn judge_captcha(
        &self,
        answer: &CaptchaAnswer,
        origin: &RequestOrigin,
    ) -> Result<CaptchaVerdict, StoreError> {
        let Some(service) = &self.captchas.service else {
            return Ok(CaptchaVerdict::Unknown);
        };
        let now = self.clock.now();
        let until = now.saturating_add(SENT_FOR);
        let values = &self.stores.one_time_values;
        if values.claim(&answer.claim(), until, now).await? == Claimed::Again {
            count("used");
            return Ok(CaptchaVerdict::Wrong);
        }
        let (outcome, verdict) = match service.judge(answer, origin.address).await {
            Ok(true) => ("right", CaptchaVerdict::Right),
            Ok(false) => ("wrong", CaptchaVerdict::Wrong),
            Err(error) => {
                self.tell_of_missing_verdict(error);
                ("unavailable", CaptchaVerdict::Unknown)
            }
        };
        count(outcome);
        Ok(verdict)
    }

    fn tell_of_missing_verdict(&self, error: CaptchaError) {
        if self.captchas.outage.is_due(self.clock.monotonic()) {
            tracing::warn!(%error, "the service at captcha.verify_url gives no verdict");
            events::emit(
                Event::Limits(LimitEvent::CaptchasUnavailable),
                Caller::SYSTEM,
            );
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("signet_captchas_total", "outcome" => outcome).increment(1);
}

/// How long an answer is not sent again. Services void answers after a few minutes.
const SENT_FOR: Duration = Duration::from_hours(1);
