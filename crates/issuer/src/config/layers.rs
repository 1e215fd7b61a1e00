//! The order of the sources: flags win over the environment, over the file, over the defaults.
//!
//! This module must not know what the values mean; it refuses names that no setting has.

use std::path::Path;

use figment::providers::{Format as _, Toml};
use figment::util::nest;
use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::problem::{DEFAULT, SettingProblem};
use super::sources::Sources;
use super::spelling::not_a_setting;
use super::table::{PROFILES, by_key, by_variable, is_profile_key, settings};

/// The value of each key, and the source that set it.
pub(super) struct Layers {
    figment: Figment,
}

impl Layers {
    /// Merges the sources. Notes in `problems` what cannot be read and names that no setting has.
    pub(super) fn lay(sources: &Sources, problems: &mut Vec<SettingProblem>) -> Self {
        let mut figment = Figment::new();
        for setting in settings() {
            if let Some(text) = setting.default {
                figment = figment.merge(Said::by(DEFAULT, setting.key, text));
            }
        }
        if let Some((path, named_by)) = sources.file_to_read() {
            match file(&path, named_by, problems) {
                Some(said) => figment = figment.merge(said),
                None => return Self { figment },
            }
        }
        for said in variables(sources, problems) {
            figment = figment.merge(said);
        }
        for (key, text) in &sources.flags {
            figment = figment.merge(Said::by("command line", key, text));
        }
        Self { figment }
    }

    /// The value of `key` and its source; `None` if no source sets it.
    pub(super) fn find(&self, key: &str) -> Option<(Value, String)> {
        let value = self.figment.find_value(key).ok()?;
        let source = self.figment.get_metadata(value.tag());
        let source = source.map_or_else(String::new, |metadata| metadata.name.to_string());
        Some((value, source))
    }
}

fn file(path: &Path, named_by: &str, problems: &mut Vec<SettingProblem>) -> Option<Said> {
    let source = format!("{OF_FILE}{}", path.display());
    let mut refuse = |key: String, message: String| {
        problems.push(SettingProblem {
            key,
            source: source.clone(),
            message,
        });
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            refuse(
                String::new(),
                format!("(named by {named_by}) cannot be read: {error}"),
            );
            return None;
        }
    };
    match Toml::string(&text).data() {
        Ok(profiles) => {
            let dict = profiles.into_values().next().unwrap_or_default();
            for key in unknown_keys(&dict) {
                let message = not_a_setting(&key, settings().map(|setting| setting.key));
                refuse(key, message);
            }
            Some(Said { source, dict })
        }
        Err(error) => {
            refuse(
                String::new(),
                format!("is not valid TOML: {}", without_snippet(&error)),
            );
            None
        }
    }
}

/// The parser's report quotes the invalid line, which may hold a password. Only its first and its
/// last line are kept: where the fault is, and why.
fn without_snippet(error: &Error) -> String {
    let report = error.to_string();
    let mut lines = report
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    match lines.next_back() {
        Some(last) => format!("{first}: {last}"),
        None => first.to_owned(),
    }
}

fn unknown_keys(dict: &Dict) -> Vec<String> {
    let mut unknown = Vec::new();
    for (name, value) in dict {
        match value {
            Value::Dict(_, profiles) if name == PROFILES => {
                unknown.extend(unknown_profile_keys(profiles));
            }
            Value::Dict(_, table) if is_table(name) => {
                let keys = table.keys().map(|key| format!("{name}.{key}"));
                unknown.extend(keys.filter(|key| by_key(key).is_none()));
            }
            _ if by_key(name).is_none() => unknown.push(name.clone()),
            _ => {}
        }
    }
    unknown
}

/// Profiles are tables of tables, with names that the operator chooses.
fn unknown_profile_keys(profiles: &Dict) -> Vec<String> {
    let mut unknown = Vec::new();
    for (name, value) in profiles {
        let key = format!("{PROFILES}.{name}");
        match value {
            Value::Dict(_, profile) => {
                let keys = profile.keys().filter(|key| !is_profile_key(key));
                unknown.extend(keys.map(|unknown| format!("{key}.{unknown}")));
            }
            _ => unknown.push(key),
        }
    }
    unknown
}

fn is_table(name: &str) -> bool {
    let in_table = |key: &str| key.split_once('.').is_some_and(|(table, _)| table == name);
    settings().any(|setting| in_table(setting.key))
}

fn variables(sources: &Sources, problems: &mut Vec<SettingProblem>) -> Vec<Said> {
    let mut said = Vec::new();
    for (name, value) in sources.variables() {
        let source = format!("environment variable {name}");
        match (by_variable(&name), value.to_str()) {
            (Some(setting), Some(text)) => said.push(Said::by(source, setting.key, text)),
            (known, _) => {
                let message = match known {
                    Some(_) => "is not UTF-8".to_owned(),
                    None => not_a_setting(&name, settings().map(|setting| setting.variable)),
                };
                problems.push(SettingProblem {
                    key: String::new(),
                    source,
                    message,
                });
            }
        }
    }
    said
}

/// What the source of a value in the file begins with.
pub(super) const OF_FILE: &str = "file ";

/// The values of one source.
struct Said {
    source: String,
    dict: Dict,
}

impl Said {
    fn by(source: impl Into<String>, key: &str, text: &str) -> Self {
        let dict = nest(key, Value::from(text)).into_dict();
        Self {
            source: source.into(),
            dict: dict.unwrap_or_default(),
        }
    }
}

impl Provider for Said {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}
