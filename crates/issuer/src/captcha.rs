//! Asks the service at `captcha.verify_url` about the answers of captchas.
//!
//! The request is a form with `secret`, `response` and `remoteip`. This module must not know what a
//! verdict leads to.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use signet_core::captcha::{CaptchaAnswer, read_verdict};
use signet_core::secret::SecretText;
use signet_flows::captcha::{CaptchaError, CaptchaService};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::form_urlencoded::Serializer;

use crate::outgoing::{FORM, Outgoing, Post, service_url};

/// The service that judges captchas, and the secret that names this installation to it.
#[derive(Clone, Debug)]
pub struct CaptchaSettings {
    /// Where answers are sent.
    pub(crate) url: VerifyUrl,
    /// What the service gave the operator.
    pub(crate) secret: SecretText,
}

/// The URL of a service that judges captchas.
#[derive(Clone, Debug)]
pub(crate) struct VerifyUrl(String);

impl FromStr for VerifyUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = service_url(text).ok_or(INVALID)?;
        Ok(Self(url.into()))
    }
}

/// Asks about answers.
#[derive(Debug)]
pub(crate) struct CaptchaClient {
    settings: CaptchaSettings,
    outgoing: Outgoing,
    places: Semaphore,
}

impl CaptchaClient {
    pub(crate) fn new(settings: &CaptchaSettings) -> Self {
        Self {
            settings: settings.clone(),
            outgoing: Outgoing::trusting_public(),
            places: Semaphore::new(MAX_REQUESTS),
        }
    }

    async fn ask(
        &self,
        answer: &CaptchaAnswer,
        address: Option<IpAddr>,
    ) -> Result<bool, CaptchaError> {
        let place = self.places.acquire().await;
        let _place = place.map_err(|_| CaptchaError::Unreachable)?;
        let post = Post {
            url: &self.settings.url.0,
            content_type: FORM,
            body: self.form(answer, address).into_bytes(),
        };
        let response = self.outgoing.ask(post).await;
        let response = response.map_err(|_| CaptchaError::Unreachable)?;
        if response.status.as_u16() != 200 {
            return Err(CaptchaError::Refused(response.status.as_u16()));
        }
        let text = response.text(MAX_VERDICT_BYTES).await;
        let text = text.map_err(|_| CaptchaError::Unreachable)?;
        Ok(read_verdict(&text.ok_or(CaptchaError::TooLong)?)?)
    }

    fn form(&self, answer: &CaptchaAnswer, address: Option<IpAddr>) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("secret", self.settings.secret.expose());
        form.append_pair("response", answer.expose());
        if let Some(address) = address {
            form.append_pair("remoteip", &address.to_string());
        }
        form.finish()
    }
}

#[async_trait]
impl CaptchaService for CaptchaClient {
    async fn judge(
        &self,
        answer: &CaptchaAnswer,
        address: Option<IpAddr>,
    ) -> Result<bool, CaptchaError> {
        let asked = timeout(DEADLINE, self.ask(answer, address)).await;
        asked.unwrap_or(Err(CaptchaError::Unreachable))
    }
}

const INVALID: &str = "must be an http or https URL without account, query and fragment, such as \
                       https://captcha.example.com/siteverify";
/// A person waits for the verdict.
const DEADLINE: Duration = Duration::from_secs(2);
/// Verdicts have some hundred bytes.
const MAX_VERDICT_BYTES: usize = 16 * 1024;
/// So many requests run at the same time; others wait until their deadline.
const MAX_REQUESTS: usize = 16;
