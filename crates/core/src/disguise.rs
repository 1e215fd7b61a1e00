//! Characters that disguise the text around them: they hide it, change its order, or look like nothing.
//!
//! This module must not know which texts people see.

/// Whether a text has characters that disguise it. Joiners are allowed where scripts and emoji need
/// them: after a character that is not ASCII.
pub fn is_disguised(text: &str) -> bool {
    let before = std::iter::once(' ').chain(text.chars());
    before.zip(text.chars()).any(|(before, character)| {
        disguises(character) || (is_joiner(character) && before.is_ascii())
    })
}

/// Whether a character disguises the text around it wherever it stands: a control character, one that
/// changes the direction, or one that looks like nothing.
pub fn disguises(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // The soft hyphen, the mark of Arabic letters, and the fillers of Hangul.
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
            // No width, and marks of direction; the joiners between them are allowed.
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            // Ends of lines and paragraphs; embeddings, overrides and isolates.
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // The byte order mark, annotations, and controls of shorthand and of music.
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            // Tags: copies of ASCII that are not shown.
            | '\u{e0000}'..='\u{e007f}'
        )
}

/// The joiners that emoji, Arabic and Indic scripts are written with, and the separator of Mongolian.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{180e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_direction_and_invisible_characters_disguise_a_text() {
        for hidden in [
            0x0, 0x7, 0x85, 0xad, 0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x202a, 0x202e, 0x2060,
            0x2066, 0x2069, 0x3164, 0xfeff, 0xe0061,
        ] {
            let hidden = char::from_u32(hidden).unwrap();
            assert!(is_disguised(&format!("a{hidden}b")), "{hidden:?}");
        }
    }

    #[test]
    fn scripts_and_emoji_have_their_joiners() {
        for name in [
            "Ada Lovelace",
            "Zoë",
            "محمد",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "അവന്\u{200d}",
            "👩\u{200d}💻",
            "❤\u{fe0f}\u{200d}🔥",
            "葛\u{e0100}",
        ] {
            assert!(!is_disguised(name), "{name}");
        }
    }

    #[test]
    fn a_joiner_that_joins_nothing_disguises_a_text() {
        for text in ["\u{200d}", "ad\u{200d}min", "a \u{200c}b"] {
            assert!(is_disguised(text), "{text:?}");
        }
    }
}
