//! From a message to a mail: the words of its template with its values.

use signet_core::ids::MailId;
use signet_verifier::Timestamp;

use super::payload::Message;
use super::templates::Values;
use super::{Language, LinkPages, MailSettings, RenderedMail};

/// The mail; `None` if it has no valid address, or lacks the token of its link.
pub(crate) fn render(
    (settings, pages): (&MailSettings, &LinkPages),
    id: MailId,
    message: &Message,
    now: Timestamp,
) -> Option<RenderedMail> {
    let link = match pages.of(message.kind) {
        None => String::new(),
        Some(page) => page.with_token(message.token.as_deref()?),
    };
    let values = Values {
        product: settings.product.clone(),
        link,
        lifetime: lifetime(message),
        time: utc(message.at),
        address: message.address.clone().unwrap_or_else(|| "-".to_owned()),
    };
    let (subject, text, html) = settings
        .templates
        .fill(message.kind, message.language, &values);
    Some(RenderedMail {
        id,
        at: now,
        to: message.email()?,
        subject,
        text,
        html,
    })
}

/// How long the link of a message is valid, in whole hours or, from two days on, in whole days.
fn lifetime(message: &Message) -> String {
    let usual = message.kind.lifetime().as_secs();
    let hours = message.lifetime.unwrap_or(usual) / 3_600;
    let (number, words) = match (hours, message.language) {
        (1, Language::English) => (1, "hour"),
        (1, Language::German) => (1, "Stunde"),
        (..=47, Language::English) => (hours, "hours"),
        (..=47, Language::German) => (hours, "Stunden"),
        (_, Language::English) => (hours / 24, "days"),
        (_, Language::German) => (hours / 24, "Tage"),
    };
    format!("{number} {words}")
}

/// Date and minute in UTC, by the civil calendar: `2026-11-28 09:00 UTC`.
fn utc(seconds: u64) -> String {
    let (days, minutes) = (seconds / 86_400, seconds % 86_400 / 60);
    // Days since 0000-03-01, in years that begin in March (Howard Hinnant, chrono-compatible
    // low-level date algorithms).
    let days = days + 719_468;
    let era_day = days % 146_097;
    let year = (era_day - era_day / 1_460 + era_day / 36_524 - era_day / 146_096) / 365;
    let day_of_year = era_day - (365 * year + year / 4 - year / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year + days / 146_097 * 400 + u64::from(month <= 2);
    let (hour, minute) = (minutes / 60, minutes % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (1_800_000_000, "2027-01-15 08:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }
}
