//! How long the document about a client is kept (RFC 9111).

use std::time::Duration;

/// Returns how long a document with these `Cache-Control` and `Age` headers is kept: what they say,
/// but at least a minute and at most a day.
pub fn document_lifetime(cache_control: &str, age: &str) -> Duration {
    let age = Duration::from_secs(age.trim().parse().unwrap_or(0));
    let mut directives = cache_control.split(',').map(str::trim);
    let max_age = directives.find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        let seconds = value.trim_matches('"').parse().ok();
        seconds.filter(|_| name.eq_ignore_ascii_case("max-age"))
    });
    let said = max_age.map_or(Duration::ZERO, Duration::from_secs);
    said.saturating_sub(age).clamp(SHORTEST, LONGEST)
}

/// Without it, each page of a sign-in would fetch the document.
const SHORTEST: Duration = Duration::from_mins(1);
/// The client may have stopped using a redirect URI.
const LONGEST: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_as_long_as_it_says_within_bounds() {
        for (cache_control, age, seconds) in [
            ("", "", 60),
            ("no-store", "", 60),
            ("max-age=10", "", 60),
            ("public, max-age=3600", "", 3_600),
            ("MAX-AGE=\"3600\", immutable", "", 3_600),
            ("max-age=3600", "600", 3_000),
            ("max-age=3600", "7200", 60),
            ("max-age=999999999", "", 86_400),
            ("max-age=99999999999999999999", "", 60),
            ("max-age=-1", "", 60),
            ("s-maxage=3600", "", 60),
        ] {
            let kept = document_lifetime(cache_control, age);
            assert_eq!(kept, Duration::from_secs(seconds), "{cache_control} {age}");
        }
    }
}
