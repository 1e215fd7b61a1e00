//! How a setting is set and what it is by default, for sentences that say what to do.

use super::table::{SERVE_FLAGS, by_key};

/// The ways to set a setting: the flag of `signet serve` if it has one, its variable and its key,
/// such as `--listen, SIGNET_LISTEN or listen`.
pub(crate) fn ways_to_set(key: &str) -> String {
    let sources = sources_of(key);
    if SERVE_FLAGS.contains(&key) {
        let flag = key.replace('_', "-");
        return format!("--{flag}, {sources}");
    }
    sources
}

/// The same without the flag, for commands that do not have it.
pub(crate) fn sources_of(key: &str) -> String {
    match by_key(key) {
        Some(setting) => format!("{} or {key}", setting.variable),
        None => key.to_owned(),
    }
}

/// The default of a setting; none if it stays unset.
pub(crate) fn default_of(key: &str) -> Option<&'static str> {
    by_key(key)?.default
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_the_flag_the_variable_and_the_key() {
        assert_eq!(
            ways_to_set("ops_listen"),
            "--ops-listen, SIGNET_OPS_LISTEN or ops_listen"
        );
        assert_eq!(sources_of("ops_listen"), "SIGNET_OPS_LISTEN or ops_listen");
        assert_eq!(
            ways_to_set("session.grace"),
            "SIGNET_REFRESH_GRACE or session.grace"
        );
        assert_eq!(ways_to_set("forward_auth.orders"), "forward_auth.orders");
    }
}
