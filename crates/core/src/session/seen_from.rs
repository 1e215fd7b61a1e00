//! Where a request of a session came from, so that the owner can recognise it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The client that made a request: its program and its address.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SeenFrom {
    /// The telling words of the `User-Agent`, at most [`MAX_USER_AGENT_LENGTH`] bytes; may be empty.
    pub user_agent: String,
    /// The client address, if it is known.
    pub ip: Option<IpAddr>,
}

impl SeenFrom {
    /// Keeps of a `User-Agent` header what tells programs apart: leaves out the words that every
    /// browser sends, and cuts the rest to [`MAX_USER_AGENT_LENGTH`] bytes.
    pub fn new(user_agent: &str, ip: Option<IpAddr>) -> Self {
        Self {
            user_agent: cut(telling_words(user_agent)),
            ip,
        }
    }
}

fn telling_words(user_agent: &str) -> String {
    let text = user_agent.replace(COMMENT_OF_ALL, "");
    let words = text.split_ascii_whitespace();
    let telling = words.filter(|word| !WORDS_OF_ALL.iter().any(|prefix| word.starts_with(prefix)));
    telling.collect::<Vec<_>>().join(" ")
}

fn cut(mut text: String) -> String {
    let mut end = text.len().min(MAX_USER_AGENT_LENGTH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// How much of a `User-Agent` a session remembers, in bytes. The telling words of today's browsers
/// fit, and a session with them takes less than 300 bytes in Redis.
pub const MAX_USER_AGENT_LENGTH: usize = 80;

/// How the words begin that every browser sends.
const WORDS_OF_ALL: [&str; 3] = ["Mozilla/", "AppleWebKit/", "Gecko/"];

/// The comment behind `AppleWebKit/`, which says nothing either.
const COMMENT_OF_ALL: &str = "(KHTML, like Gecko)";

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(header: &str) -> String {
        SeenFrom::new(header, None).user_agent
    }

    #[test]
    fn the_words_that_tell_browsers_apart_are_kept() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (header, kept) in [
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
                ),
                "(Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
                "(X11; Linux x86_64; rv:145.0) Firefox/145.0",
            ),
            ("curl/8.7.1".to_owned(), "curl/8.7.1"),
            (String::new(), ""),
        ] {
            assert_eq!(remembered(&header), kept);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(remembered(&"x".repeat(4_000)), "x".repeat(80));
        assert_eq!(remembered(&"é€".repeat(40)), "é€".repeat(16));
    }
}
