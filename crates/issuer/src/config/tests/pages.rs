//! Settings of the pages.

use super::{refused, with};

#[test]
fn the_name_of_the_server_is_short_and_hides_nothing() {
    let long = "x".repeat(61);
    for name in [&long, "Acme\u{202e}", "Ac\u{200b}me"] {
        let said = "pages.name must have 1 to 60 characters, and no control characters or invisible \
                    characters (from environment variable SIGNET_PAGES_NAME)";
        assert_eq!(refused(with(&[("SIGNET_PAGES_NAME", name)])), [said]);
    }
    let settings = with(&[("SIGNET_PAGES_NAME", "Ac\u{915}\u{94d}\u{200d}\u{937}")]);
    assert!(settings.is_ok());
}
