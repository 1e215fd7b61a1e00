//! HTML that is put together from our own text and from values. A value can only be added as text,
//! so nothing that comes from outside is ever read as HTML.

use std::fmt::Write as _;

use signet_core::disguise::disguises;
use signet_verifier::Timestamp;

use crate::rfc3339::Rfc3339;

/// A piece of HTML.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds HTML of our own. Only literals have this lifetime here.
    pub(super) fn raw(mut self, html: &'static str) -> Self {
        self.0.push_str(html);
        self
    }

    /// Adds a value as text, in an element or between the quotes of an attribute.
    pub(super) fn text(mut self, value: &str) -> Self {
        for character in value.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other if disguises(other) => {
                    let _written = write!(self.0, "\u{fffd}");
                }
                other => self.0.push(other),
            }
        }
        self
    }

    /// Adds another piece.
    pub(super) fn add(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Adds an image that our own code has drawn. It holds nothing that comes from outside.
    pub(super) fn drawing(mut self, svg: &str) -> Self {
        let image = svg.find("<svg").and_then(|start| svg.get(start..));
        self.0.push_str(image.unwrap_or_default());
        self
    }

    /// Adds a hidden field.
    pub(super) fn hidden(self, name: &'static str, value: &str) -> Self {
        self.raw("<input type=\"hidden\" name=\"")
            .raw(name)
            .raw("\" value=\"")
            .text(value)
            .raw("\">\n")
    }

    /// Adds a field with its label. `attributes` are those of the field besides id and name.
    pub(super) fn field(self, label: &str, field: &Field<'_>) -> Self {
        self.raw("<label for=\"")
            .raw(field.name)
            .raw("\">")
            .text(label)
            .raw("</label>\n<input id=\"")
            .raw(field.name)
            .raw("\" name=\"")
            .raw(field.name)
            .raw("\" ")
            .raw(field.attributes)
            .raw(" value=\"")
            .text(field.value)
            .raw("\">\n")
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(self, class: &'static str, text: &str) -> Self {
        self.raw("<p class=\"")
            .raw(class)
            .raw("\">")
            .text(text)
            .raw("</p>\n")
    }

    /// Adds what went wrong, so that screen readers say it.
    pub(super) fn problem(self, problem: Option<&str>) -> Self {
        match problem {
            None => self,
            Some(text) => self
                .raw("<p class=\"problem\" role=\"alert\">")
                .text(text)
                .raw("</p>\n"),
        }
    }

    /// Adds the button that sends a form.
    pub(super) fn button(self, text: &str) -> Self {
        self.raw("<button type=\"submit\">")
            .text(text)
            .raw("</button>\n")
    }

    /// Adds the button that sends a form which the page is not mainly about.
    pub(super) fn second_button(self, text: &str) -> Self {
        self.raw("<button class=\"second\" type=\"submit\">")
            .text(text)
            .raw("</button>\n")
    }

    /// Adds a button that says in full what it does to people who cannot see what is beside it.
    pub(super) fn button_about(self, text: &str, about: &str) -> Self {
        self.raw("<button class=\"second\" type=\"submit\" aria-label=\"")
            .text(text)
            .raw(": ")
            .text(about)
            .raw("\">")
            .text(text)
            .raw("</button>\n")
    }

    /// Adds a time.
    pub(super) fn time(self, time: Timestamp) -> Self {
        let time = Rfc3339(time).to_string();
        let minutes = time.get(..16).unwrap_or(&time).replace('T', " ");
        self.raw("<time datetime=\"")
            .text(&time)
            .raw("\">")
            .text(&minutes)
            .raw(" UTC</time>")
    }

    /// Adds a paragraph with a label and a time.
    pub(super) fn dated(self, label: &str, time: Timestamp) -> Self {
        self.raw("<p class=\"quiet\">")
            .text(label)
            .time(time)
            .raw("</p>\n")
    }

    /// The HTML.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A field of a form.
pub(super) struct Field<'a> {
    pub(super) name: &'static str,
    pub(super) attributes: &'static str,
    pub(super) value: &'a str,
}

impl<'a> Field<'a> {
    /// The address that a person signs in with.
    pub(super) fn sign_in_email(value: &'a str) -> Self {
        Self {
            name: "email",
            attributes: "type=\"email\" autocomplete=\"username\" maxlength=\"254\" required",
            value,
        }
    }
}

impl Field<'static> {
    /// The password that an account has.
    pub(super) const PASSWORD: Self = Self {
        name: "password",
        attributes: "type=\"password\" autocomplete=\"current-password\" maxlength=\"1024\" required",
        value: "",
    };

    /// A code of an authenticator app, or a recovery code.
    pub(super) const ANY_CODE: Self = Self {
        name: "code",
        attributes: "autocomplete=\"one-time-code\" autocapitalize=\"off\" spellcheck=\"false\" \
                     maxlength=\"64\" required",
        value: "",
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_html() {
        let value = "\"><script>alert('1')</script>&\u{202e}\0";
        let page = Markup::new().hidden("state", value);
        assert_eq!(
            page.as_str(),
            "<input type=\"hidden\" name=\"state\" value=\"&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)\
             &lt;/script&gt;&amp;\u{fffd}\u{fffd}\">\n"
        );
    }
}
