//! Makes [`Settings`] from sources: checks every value, range and relation.

use super::gateway_profiles;
use super::layers::{Layers, OF_FILE};
use super::problem::{DEFAULT, SettingProblems};
use super::reader::Reader;
use super::sections;
use super::settings::Settings;
use super::sources::Sources;
use super::table;
use super::warnings::warnings;

/// A checked configuration, and the source of each setting.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Each of them as it was read.
    pub effective: Vec<Effective>,
    /// The keys of the secrets that the file sets, those in URLs included.
    pub secrets_in_file: Vec<&'static str>,
    /// The risks that the operator should know.
    pub warnings: Vec<String>,
}

impl Loaded {
    /// Whether no source sets `key`.
    pub fn is_default(&self, key: &str) -> bool {
        let mut settings = self.effective.iter();
        settings.any(|setting| setting.key == key && setting.source == DEFAULT)
    }
}

/// One setting as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effective {
    /// Its key.
    pub key: String,
    /// Its value, without secrets; empty if it is not set.
    pub value: String,
    /// Its source.
    pub source: String,
}

/// Reads and checks a whole configuration.
///
/// # Errors
///
/// [`SettingProblems`]: every problem with its key and its source.
pub fn load(sources: &Sources) -> Result<Loaded, SettingProblems> {
    let mut problems = Vec::new();
    let layers = Layers::lay(sources, &mut problems);
    let mut reader = Reader::new(layers, problems);
    let settings = sections::read(&mut reader);
    match settings {
        Some(settings) if reader.is_clean() => Ok(Loaded {
            effective: effective(&reader),
            secrets_in_file: secrets_in_file(&reader),
            warnings: warnings(&settings),
            settings,
        }),
        _ => Err(SettingProblems(reader.into_problems())),
    }
}

fn effective(reader: &Reader) -> Vec<Effective> {
    let shown = |key: String| Effective {
        value: reader.shown(&key),
        source: reader.source(&key),
        key,
    };
    let keys = table::settings().map(|setting| setting.key.to_owned());
    let keys = keys.chain(gateway_profiles::set_keys(reader));
    keys.map(shown).collect()
}

fn secrets_in_file(reader: &Reader) -> Vec<&'static str> {
    let keys = table::settings().map(|setting| setting.key);
    let of_file = keys.filter(|key| reader.source(key).starts_with(OF_FILE));
    of_file.filter(|key| reader.holds_secret(key)).collect()
}
