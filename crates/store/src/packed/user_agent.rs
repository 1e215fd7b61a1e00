//! User agents, shortened: what browsers repeat word for word is stored as one byte.
//!
//! A user agent is more than half of a session record and mostly the same few phrases. Bytes that
//! never occur in UTF-8 stand for them, so every text comes back as it was. The table belongs to
//! the format of the record: a change of any line is a new format. This module must not know what
//! else a record holds.

/// The text with its common phrases replaced.
pub(super) fn shorten(text: &str) -> Vec<u8> {
    let mut short = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after_first)) = rest.split_first() {
        let phrase = PHRASES
            .iter()
            .find_map(|(code, phrase)| Some((*code, rest.strip_prefix(phrase.as_bytes())?)));
        let (byte, after) = phrase.unwrap_or((first, after_first));
        short.push(byte);
        rest = after;
    }
    short
}

/// The text that was shortened; `None` when there is no such text.
pub(super) fn restore(short: &[u8]) -> Option<String> {
    let mut text = Vec::with_capacity(short.len() * 2);
    for byte in short {
        match PHRASES.iter().find(|(code, _)| code == byte) {
            Some((_, phrase)) => text.extend_from_slice(phrase.as_bytes()),
            None => text.push(*byte),
        }
    }
    String::from_utf8(text).ok()
}

/// Longer phrases stand before those that they begin with.
const PHRASES: [(u8, &str); 13] = [
    (0xc0, "Mozilla/5.0 (Windows NT 10.0; Win64; x64"),
    (0xc1, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7"),
    (0xf5, "Mozilla/5.0 (X11; Linux x86_64"),
    (0xf6, "Mozilla/5.0 (Linux; Android 10; K"),
    (0xf7, "Mozilla/5.0 (iPhone; CPU iPhone OS "),
    (0xf8, "Mozilla/5.0 ("),
    (0xf9, ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"),
    (0xfa, ") AppleWebKit/605.1.15 (KHTML, like Gecko) Version/"),
    (0xfb, ".0.0.0 Safari/537.36"),
    (0xfc, ".0.0.0 Mobile Safari/537.36"),
    (0xfd, " like Mac OS X"),
    (0xfe, " Mobile/15E148 Safari/604.1"),
    (0xff, ") Gecko/20100101 Firefox/"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                          (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

    #[test]
    fn a_usual_browser_takes_a_few_bytes() {
        assert_eq!(shorten(CHROME), b"\xc0\xf9142\xfb");
        assert_eq!(restore(b"\xc0\xf9142\xfb").as_deref(), Some(CHROME));
    }

    #[test]
    fn any_text_comes_back_as_it_was() {
        for text in [
            "",
            "curl/8.7.1",
            "Mozilla/5.0 (",
            "Mozilla/5.0",
            "é\u{10ffff}\0",
        ] {
            assert_eq!(restore(&shorten(text)).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_no_text_shortens_to_is_refused() {
        assert_eq!(restore(b"\x80"), None);
        assert_eq!(restore(b"a\xed\xa0\x80"), None);
    }
}
