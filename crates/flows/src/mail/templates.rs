//! The words of mails: built in, or from a folder of the operator.
//!
//! A text begins with its subject and an empty line. `{product}`, `{link}`, `{lifetime}`, `{time}`
//! and `{address}` stand for values. This module must not know how mail is sent.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Language, MailKind};

mod built_in;

/// The words of every mail in every language.
#[derive(Debug)]
pub struct Templates {
    layout: String,
    texts: HashMap<(&'static str, &'static str), String>,
    pages: HashMap<(&'static str, &'static str), String>,
}

/// What the placeholders stand for.
pub(super) struct Values {
    pub(super) product: String,
    pub(super) link: String,
    pub(super) lifetime: String,
    pub(super) time: String,
    pub(super) address: String,
}

impl Templates {
    /// The words that are built in.
    pub fn built_in() -> Self {
        let mut texts = HashMap::new();
        for kind in MailKind::ALL {
            for language in Language::ALL {
                let text = built_in::text(kind, language).to_owned();
                texts.insert((kind.name(), language.tag()), text);
            }
        }
        Self {
            layout: built_in::LAYOUT.to_owned(),
            texts,
            pages: HashMap::new(),
        }
    }

    /// The words of the files in `folder`, and the built-in ones where there is no file. The files
    /// are `KIND.LANGUAGE.txt`, `KIND.LANGUAGE.html` and `layout.html`.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] if a file cannot be read, has no subject, or has an unknown placeholder.
    pub fn from_folder(folder: &Path) -> Result<Self, TemplateError> {
        fs::read_dir(folder).map_err(|cause| unreadable(folder, cause))?;
        let mut templates = Self::built_in();
        if let Some(layout) = read(&folder.join("layout.html"), &LAYOUT_PLACEHOLDERS)? {
            templates.layout = layout;
        }
        for kind in MailKind::ALL {
            for language in Language::ALL {
                templates.read_files(folder, kind, language)?;
            }
        }
        Ok(templates)
    }

    /// Takes over the files of one mail in one language.
    fn read_files(
        &mut self,
        folder: &Path,
        kind: MailKind,
        language: Language,
    ) -> Result<(), TemplateError> {
        let key = (kind.name(), language.tag());
        let name = format!("{}.{}", kind.name(), language.tag());
        let path = folder.join(format!("{name}.txt"));
        if let Some(text) = read(&path, &PLACEHOLDERS)? {
            if split_subject(&text).is_none() {
                return Err(TemplateError::NoSubject(path));
            }
            self.texts.insert(key, text);
        }
        if let Some(page) = read(&folder.join(format!("{name}.html")), &PLACEHOLDERS)? {
            self.pages.insert(key, page);
        }
        Ok(())
    }

    /// Subject, text and HTML of a mail.
    pub(super) fn fill(
        &self,
        kind: MailKind,
        language: Language,
        values: &Values,
    ) -> (String, String, String) {
        let key = (kind.name(), language.tag());
        let template = self.texts.get(&key).map_or("", String::as_str);
        let (subject, body) = split_subject(template).unwrap_or_default();
        let subject = values.fill(subject, str::to_owned);
        let html = match self.pages.get(&key) {
            Some(page) => values.fill(page, escaped),
            None => self.laid_out(&subject, body, language, values),
        };
        (subject, values.fill(body, str::to_owned), html)
    }

    /// The HTML of a text: its paragraphs in the layout.
    fn laid_out(&self, subject: &str, body: &str, language: Language, values: &Values) -> String {
        let paragraphs = body.split("\n\n").map(str::trim).map(|paragraph| {
            if paragraph == "{link}" {
                let link = escaped(&values.link);
                return format!("<p><a href=\"{link}\">{link}</a></p>");
            }
            let words = values.fill(&escaped(paragraph), escaped);
            format!("<p>{}</p>", words.replace('\n', " "))
        });
        let content: Vec<_> = paragraphs.collect();
        replaced(&self.layout, |name| match name {
            "content" => Some(content.join("\n")),
            "subject" => Some(escaped(subject)),
            "product" => Some(escaped(&values.product)),
            "language" => Some(language.tag().to_owned()),
            _ => None,
        })
    }
}

impl Values {
    fn fill(&self, template: &str, write: impl Fn(&str) -> String) -> String {
        replaced(template, |name| match name {
            "product" => Some(write(&self.product)),
            "link" => Some(write(&self.link)),
            "lifetime" => Some(write(&self.lifetime)),
            "time" => Some(write(&self.time)),
            "address" => Some(write(&self.address)),
            _ => None,
        })
    }
}

/// Replaces each `{name}` once, from left to right: no value is read as a template.
fn replaced(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let named = behind.split_once('}');
        if let Some((value, after)) = named.and_then(|(name, after)| Some((value(name)?, after))) {
            text.push_str(&value);
            rest = after;
        } else {
            text.push('{');
            rest = behind;
        }
    }
    text.push_str(rest);
    text
}

fn split_subject(text: &str) -> Option<(&str, &str)> {
    let (subject, body) = text.split_once("\n\n")?;
    let is_one_line = !subject.is_empty() && !subject.contains('\n');
    is_one_line.then_some((subject, body))
}

/// Text between tags or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The file, if there is one, with line ends as Unix writes them.
fn read(path: &Path, known: &[&str]) -> Result<Option<String>, TemplateError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text.replace("\r\n", "\n"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(unreadable(path, cause)),
    };
    match unknown(&text, known) {
        Some(name) => Err(TemplateError::Unknown {
            path: path.to_owned(),
            name,
        }),
        None => Ok(Some(text)),
    }
}

/// The first placeholder that stands for nothing. Braces around anything but a word, as in style
/// sheets, are no placeholder.
fn unknown(text: &str, known: &[&str]) -> Option<String> {
    let named = text
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'));
    let mut placeholders = named.map(|(name, _)| name);
    let is_word = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase());
    let found = placeholders.find(|name| is_word(name) && !known.contains(name));
    found.map(str::to_owned)
}

fn unreadable(path: &Path, cause: io::Error) -> TemplateError {
    TemplateError::Unreadable {
        path: path.to_owned(),
        cause,
    }
}

/// Why templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file or the folder cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A text has no subject.
    #[error("{0} must begin with a subject and an empty line")]
    NoSubject(PathBuf),
    /// A placeholder stands for nothing.
    #[error("{path} has the unknown placeholder {{{name}}}")]
    Unknown {
        /// In which file.
        path: PathBuf,
        /// Its name.
        name: String,
    },
}

const PLACEHOLDERS: [&str; 5] = ["product", "link", "lifetime", "time", "address"];
const LAYOUT_PLACEHOLDERS: [&str; 4] = ["content", "subject", "product", "language"];

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        Values {
            product: "Tom & Ada <{link}>".to_owned(),
            link: "https://app.example.com/reset?a=1&token=t1".to_owned(),
            lifetime: "1 hour".to_owned(),
            time: "2026-11-28 09:00 UTC".to_owned(),
            address: "192.0.2.1".to_owned(),
        }
    }

    #[test]
    fn every_built_in_text_has_a_subject_and_known_placeholders() {
        let templates = Templates::built_in();
        for kind in MailKind::ALL {
            for language in Language::ALL {
                let template = built_in::text(kind, language);
                assert!(split_subject(template).is_some(), "{kind:?} {language:?}");
                assert_eq!(unknown(template, &PLACEHOLDERS), None);
                let (subject, text, html) = templates.fill(kind, language, &values());
                assert!(subject.contains("Tom & Ada"), "{subject}");
                assert!(
                    !text.contains("{lifetime}") && !text.contains("{time}"),
                    "{text}"
                );
                assert!(!html.contains("<{link}"), "{html}");
            }
        }
        assert_eq!(unknown(built_in::LAYOUT, &LAYOUT_PLACEHOLDERS), None);
    }

    #[test]
    fn values_are_escaped_in_html_and_never_read_as_templates() {
        let filled = Templates::built_in().fill(MailKind::Reset, Language::English, &values());
        let (_, text, html) = filled;
        assert!(
            text.contains("\nhttps://app.example.com/reset?a=1&token=t1\n"),
            "{text}"
        );
        let link = "https://app.example.com/reset?a=1&amp;token=t1";
        assert!(
            html.contains(&format!("<a href=\"{link}\">{link}</a>")),
            "{html}"
        );
        assert!(html.contains("Tom &amp; Ada &lt;{link}&gt;"), "{html}");
    }

    #[test]
    fn files_replace_what_is_built_in() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("reset.de.txt", "Neu\r\n\r\nHier: {link}\r\n");
        write("reset.en.html", "<style>p { color: red }</style>{link}");
        let templates = Templates::from_folder(folder.path()).unwrap();
        let (subject, text, html) = templates.fill(MailKind::Reset, Language::German, &values());
        assert_eq!(
            (subject.as_str(), text.as_str()),
            ("Neu", "Hier: https://app.example.com/reset?a=1&token=t1\n")
        );
        assert!(html.contains("<p>Hier: https"), "{html}");
        let (_, _, html) = templates.fill(MailKind::Reset, Language::English, &values());
        assert!(
            html.starts_with("<style>p { color: red }</style>https://app"),
            "{html}"
        );
    }

    #[test]
    fn files_that_cannot_work_are_refused_by_name() {
        for (name, text, reason) in [
            ("reset.en.txt", "no subject\n", "must begin with a subject"),
            (
                "reset.en.txt",
                "Subject\n\n{tokn}",
                "has the unknown placeholder {tokn}",
            ),
            (
                "layout.html",
                "{link}",
                "has the unknown placeholder {link}",
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(name), text).unwrap();
            let error = Templates::from_folder(folder.path())
                .unwrap_err()
                .to_string();
            assert!(error.contains(name) && error.contains(reason), "{error}");
        }
        let missing = Templates::from_folder(Path::new("/nowhere/templates"));
        assert!(missing.unwrap_err().to_string().contains("cannot be read"));
    }
}
