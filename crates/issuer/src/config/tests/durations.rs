//! Durations that are finer than what is kept of them.

use std::time::Duration;

use super::{refused, with};

#[test]
fn a_duration_that_would_lose_a_part_is_refused() {
    let problems = refused(with(&[
        ("SIGNET_ACCESS_TOKEN_TTL", "90s500ms"),
        ("SIGNET_REFRESH_GRACE", "1s1us"),
        ("SIGNET_KEYS_ROTATE_EVERY", "30d1ns"),
    ]));
    assert_eq!(
        problems,
        [
            "access_token_ttl must be a duration in whole seconds, such as 90s \
             (from environment variable SIGNET_ACCESS_TOKEN_TTL)",
            "session.grace must be a duration in whole milliseconds, such as 500ms \
             (from environment variable SIGNET_REFRESH_GRACE)",
            "keys.rotate_every must be a duration in whole milliseconds, such as 500ms \
             (from environment variable SIGNET_KEYS_ROTATE_EVERY)",
        ]
    );
    let loaded = with(&[("SIGNET_REFRESH_GRACE", "1s500ms")]).unwrap();
    assert_eq!(loaded.settings.session.grace, Duration::from_millis(1_500));
}
