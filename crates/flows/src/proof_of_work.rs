//! When a client does work before a password is read: at each registration, and at a sign-in while
//! the account, the network or the server is under attack. Both are off unless configured.
//!
//! The answer of a captcha can stand in for work. A known device of the account does no work. This
//! module must not know how a client is asked.

use signet_core::limits::networks;
use signet_core::proof_of_work::{SolvedWork, WorkBinding, WorkChallenge, WorkPurpose};
use signet_store::{Claimed, StoreError};

use crate::flows::Flows;
use crate::judge_captcha::CaptchaVerdict;
use crate::origin::{RequestOrigin, ShownWork};
use crate::random::system_rng;
use crate::rate_limits::Counted;

/// What a client shows before it goes on: a solution of the challenge, or another proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequiredWork {
    /// The challenge.
    pub challenge: WorkChallenge,
    /// Whether the answer of a captcha is taken too.
    pub takes_captcha: bool,
}

impl Flows {
    /// A challenge for a client that is going to need it; `None` if no work is configured for this.
    pub fn offer_work(
        &self,
        purpose: WorkPurpose,
        origin: &RequestOrigin,
    ) -> Option<WorkChallenge> {
        let settings = self.settings.proof_of_work;
        let is_on = match purpose {
            WorkPurpose::Registration => settings.registration,
            WorkPurpose::SignIn => settings.sign_in,
        };
        is_on.then(|| self.challenge(purpose, origin))
    }

    /// What a registration must solve before it continues; `None` if it may continue.
    pub(crate) async fn missing_registration_work(
        &self,
        origin: &RequestOrigin,
    ) -> Result<Option<RequiredWork>, StoreError> {
        if !self.settings.proof_of_work.registration {
            return Ok(None);
        }
        self.missing_work(WorkPurpose::Registration, origin).await
    }

    /// What a sign-in must solve before its password is checked; `None` if it may continue.
    pub(crate) async fn missing_sign_in_work(
        &self,
        counted: Counted<'_>,
        origin: &RequestOrigin,
    ) -> Result<Option<RequiredWork>, StoreError> {
        let is_on = self.settings.proof_of_work.sign_in;
        if !is_on || counted.device.is_some() || !self.rate_limits.is_under_attack(counted) {
            return Ok(None);
        }
        self.missing_work(WorkPurpose::SignIn, origin).await
    }

    async fn missing_work(
        &self,
        purpose: WorkPurpose,
        origin: &RequestOrigin,
    ) -> Result<Option<RequiredWork>, StoreError> {
        let takes_captcha = self.captchas.service.is_some();
        let (is_proved, takes_captcha) = match &origin.proof_of_work {
            ShownWork::Exempt => return Ok(None),
            ShownWork::Missing => (false, takes_captcha),
            ShownWork::Shown(text) => {
                let is_solved = self.claim_solution(text, purpose, origin).await?;
                (is_solved, takes_captcha)
            }
            ShownWork::Captcha(answer) => match self.judge_captcha(answer, origin).await? {
                CaptchaVerdict::Right => (true, takes_captcha),
                CaptchaVerdict::Wrong => (false, takes_captcha),
                CaptchaVerdict::Unknown => (false, false),
            },
        };
        if is_proved {
            return Ok(None);
        }
        count(purpose, "required");
        Ok(Some(RequiredWork {
            challenge: self.challenge(purpose, origin),
            takes_captcha,
        }))
    }

    /// Returns whether the text solves a challenge, and is the first that does.
    async fn claim_solution(
        &self,
        text: &str,
        purpose: WorkPurpose,
        origin: &RequestOrigin,
    ) -> Result<bool, StoreError> {
        let (keys, now) = (&self.keys().mac, self.clock.now());
        let Some(solved) = SolvedWork::read(text, bind(purpose, origin), keys, now) else {
            return Ok(false);
        };
        let values = &self.stores.one_time_values;
        let is_first = values.claim(&solved.claim, solved.until, now).await? == Claimed::First;
        if is_first {
            count(purpose, "solved");
        }
        Ok(is_first)
    }

    fn challenge(&self, purpose: WorkPurpose, origin: &RequestOrigin) -> WorkChallenge {
        let bits = self.settings.proof_of_work.bits;
        let (keys, now) = (&self.keys().mac, self.clock.now());
        WorkChallenge::new(bind(purpose, origin), bits, keys, now, &mut system_rng())
    }
}

/// Binds work to the narrowest network of the client.
fn bind(purpose: WorkPurpose, origin: &RequestOrigin) -> WorkBinding {
    let networks = origin.address.into_iter().flat_map(networks);
    WorkBinding {
        purpose,
        network: networks.last().map(|(network, _)| network),
    }
}

fn count(purpose: WorkPurpose, outcome: &'static str) {
    let purpose = match purpose {
        WorkPurpose::Registration => "registration",
        WorkPurpose::SignIn => "sign_in",
    };
    metrics::counter!("signet_proofs_of_work_total", "purpose" => purpose, "outcome" => outcome)
        .increment(1);
}
