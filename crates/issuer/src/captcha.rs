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
use url::form_urlencoded::Serializer;

use crate::bounded_client::BoundedClient;
use crate::outgoing::{FORM, Post, service_url};

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
    client: BoundedClient,
}

impl CaptchaClient {
    pub(crate) fn new(settings: &CaptchaSettings) -> Self {
        Self {
            settings: settings.clone(),
            client: BoundedClient::new(DEADLINE),
        }
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
        let asked = self.client.outgoing.ask(Post {
            url: &self.settings.url.0,
            content_type: FORM,
            body: self.form(answer, address).into_bytes(),
        });
        let text = self.client.text_of(asked, MAX_VERDICT_BYTES).await?;
        Ok(read_verdict(&text.ok_or(CaptchaError::TooLong)?)?)
    }
}

const INVALID: &str = "must be an http or https URL without account, query and fragment, such as \
                       https://captcha.example.com/siteverify";
/// A person waits for the verdict.
const DEADLINE: Duration = Duration::from_secs(2);
/// Verdicts have some hundred bytes.
const MAX_VERDICT_BYTES: usize = 16 * 1024;
