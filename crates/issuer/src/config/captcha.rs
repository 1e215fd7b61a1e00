//! The settings of the service that judges captchas.

use std::path::Path;

use signet_core::proof_of_work::WorkSettings;

use super::reader::{Reader, first_line};
use crate::captcha::{CaptchaSettings, VerifyUrl};

/// Reads the service. The inner `None` says that no captchas are taken.
#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
pub(super) fn read(
    reader: &mut Reader,
    work: Option<&WorkSettings>,
) -> Option<Option<CaptchaSettings>> {
    let url = reader.optional("captcha.verify_url", str::parse::<VerifyUrl>);
    let secret = reader.optional("captcha.secret_file", |path| first_line(Path::new(path)));
    let (url, secret) = match (url?, secret?) {
        (None, None) => return Some(None),
        (Some(url), Some(secret)) => (url, secret),
        (Some(_), None) => return reader.refuse("captcha.secret_file", SECRET_MISSING),
        (None, Some(_)) => return reader.refuse("captcha.verify_url", URL_MISSING),
    };
    if work.is_some_and(|work| !work.registration && !work.sign_in) {
        return reader.refuse("captcha.verify_url", NO_WORK);
    }
    Some(Some(CaptchaSettings { url, secret }))
}

const SECRET_MISSING: &str = "is required with captcha.verify_url";
const URL_MISSING: &str = "is required with captcha.secret_file";
const NO_WORK: &str = "needs proof_of_work.registration or proof_of_work.sign_in, because a captcha \
                       stands in for a proof of work";
