//! The settings of the pages of sign-in by redirect.

use std::path::PathBuf;

use signet_core::disguise::is_disguised;

use super::reader::Reader;
use super::urls::PublicUrl;

/// How the pages look.
#[derive(Clone, Debug)]
pub struct PageSettings {
    /// What the pages call this server.
    pub name: String,
    /// A style sheet after the built-in one; empty if there is none.
    pub css: String,
}

/// Reads the settings. Without a name, the pages show the host.
pub(super) fn read(reader: &mut Reader, public_url: Option<&PublicUrl>) -> Option<PageSettings> {
    let name = reader.optional("pages.name", |text| {
        let fits = (1..=MAX_NAME_LENGTH).contains(&text.chars().count());
        if fits && !is_disguised(text) {
            return Ok(text.to_owned());
        }
        Err("must have 1 to 60 characters, and no control characters or invisible characters")
    });
    let css = reader.optional("pages.css", |path| {
        let read = std::fs::read_to_string(PathBuf::from(path));
        read.map_err(|error| format!("cannot read {path}: {error}"))
    });
    let host = || public_url.map(PublicUrl::host);
    Some(PageSettings {
        name: name?.or_else(host)?,
        css: css?.unwrap_or_default(),
    })
}

/// It is one line on a phone.
const MAX_NAME_LENGTH: usize = 60;
