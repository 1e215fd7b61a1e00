//! Parses each key once and notes each failure with its source.
//!
//! This module must not know relations between settings.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use figment::value::{Num, Value};
use ipnet::IpNet;

use signet_core::secret::SecretText;
use signet_store::StoreUrls;
use url::Url;

use super::layers::Layers;
use super::problem::{DEFAULT, SettingProblem};
use super::table::{Shown, by_key};

/// Reads values from the layers and collects their faults.
pub(super) struct Reader {
    layers: Layers,
    problems: Vec<SettingProblem>,
}

impl Reader {
    /// A reader that begins with these problems.
    pub(super) fn new(layers: Layers, problems: Vec<SettingProblem>) -> Self {
        Self { layers, problems }
    }

    /// The value of `key`, which has a default.
    pub(super) fn required<T, E: Display>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.optional(key, parse)?
    }

    /// The value of `key`, if a source sets it. The outer `None` says that it is invalid.
    #[expect(
        clippy::option_option,
        reason = "the outer one is for `?`, the inner one is the setting"
    )]
    pub(super) fn optional<T, E: Display>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let Some((value, _)) = self.layers.find(key) else {
            return Some(None);
        };
        let Some(text) = scalar(&value) else {
            return self.refuse(key, "must be a single value");
        };
        match parse(&text) {
            Ok(value) => Some(Some(value)),
            Err(error) => self.refuse(key, &error.to_string()),
        }
    }

    /// The values of `key`: an array in the file, comma separated elsewhere; none if it is not set.
    pub(super) fn many<T, E: Display>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let Some((value, _)) = self.layers.find(key) else {
            return Some(Vec::new());
        };
        let Some(texts) = list(&value) else {
            return self.refuse(key, "must be a list of texts");
        };
        let parsed: Result<_, _> = texts.iter().map(|text| parse(text)).collect();
        match parsed {
            Ok(values) => Some(values),
            Err(error) => self.refuse(key, &format!("{error}")),
        }
    }

    /// The duration at `key`, within these bounds. If `least` is a second or more, it has whole seconds.
    pub(super) fn duration(
        &mut self,
        key: &str,
        least: Duration,
        most: Duration,
    ) -> Option<Duration> {
        self.required(key, |text| {
            let range = || {
                let (least, most) = (
                    humantime::Duration::from(least),
                    humantime::Duration::from(most),
                );
                format!("must be a duration from {least} to {most}, such as 90s, 10m or 30d")
            };
            let duration = humantime::parse_duration(text).map_err(|_| range())?;
            if !(least..=most).contains(&duration) {
                return Err(range());
            }
            refuse_finer(duration, least)?;
            Ok(duration)
        })
    }

    /// The whole number at `key`, within these bounds.
    pub(super) fn number(&mut self, key: &str, least: u32, most: u32) -> Option<u32> {
        self.required(key, |text| {
            let number = text.parse().ok();
            let number = number.filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| format!("must be a whole number from {least} to {most}"))
        })
    }

    /// Notes that `key` is invalid. Always returns `None`, so that a reader can end with it.
    pub(super) fn refuse<T>(&mut self, key: &str, message: &str) -> Option<T> {
        self.problems.push(SettingProblem {
            key: key.to_owned(),
            source: self.source(key),
            message: message.to_owned(),
        });
        None
    }

    /// The source of `key`.
    pub(super) fn source(&self, key: &str) -> String {
        let found = self.layers.find(key);
        found.map_or_else(|| DEFAULT.to_owned(), |(_, source)| source)
    }

    /// The names of the tables in the table `key`.
    pub(super) fn tables(&self, key: &str) -> BTreeSet<String> {
        match self.layers.find(key) {
            Some((Value::Dict(_, tables), _)) => tables.into_keys().collect(),
            _ => BTreeSet::new(),
        }
    }

    /// Whether a source other than the defaults sets `key`.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.source(key) != DEFAULT
    }

    /// The value of `key` for people, without secrets.
    pub(super) fn shown(&self, key: &str) -> String {
        let Some((value, _)) = self.layers.find(key) else {
            return String::new();
        };
        let text = match scalar(&value) {
            Some(text) => text,
            None => list(&value).unwrap_or_default().join(","),
        };
        match by_key(key).map(|setting| setting.shown) {
            Some(Shown::WhetherSet) => SET.to_owned(),
            Some(Shown::WithoutPassword) => without_password(&text),
            Some(Shown::Whole) | None => text,
        }
    }

    /// Whether the value of `key` is a secret, or a URL with one.
    pub(super) fn holds_secret(&self, key: &str) -> bool {
        let value = self.layers.find(key).and_then(|(value, _)| scalar(&value));
        let shown = by_key(key).map(|setting| setting.shown);
        value.is_some_and(|text| match shown {
            Some(Shown::WhetherSet) => true,
            Some(Shown::WithoutPassword) => has_password(&text),
            Some(Shown::Whole) | None => false,
        })
    }

    /// Every problem found so far.
    pub(super) fn into_problems(self) -> Vec<SettingProblem> {
        self.problems
    }

    /// Whether no problem was found.
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Parses a setting that is on or off.
pub(super) fn truth(text: &str) -> Result<bool, &'static str> {
    text.parse().map_err(|_| "must be true or false")
}

/// Parses an address or a network.
pub(super) fn network(text: &str) -> Result<IpNet, &'static str> {
    let single = || text.parse::<IpAddr>().map(IpNet::from).ok();
    let network = text.parse().ok().or_else(single);
    network.ok_or("must be addresses or networks, such as 10.0.0.0/8")
}

/// Refuses a duration whose finest part would be lost. Long ones are written into tokens and files in
/// seconds; short ones are compared in milliseconds.
pub(super) fn refuse_finer(duration: Duration, least: Duration) -> Result<(), String> {
    let (nanoseconds, unit) = if least < SECOND {
        (1_000_000, "milliseconds, such as 500ms")
    } else {
        (1_000_000_000, "seconds, such as 90s")
    };
    if duration.as_nanos().is_multiple_of(nanoseconds) {
        return Ok(());
    }
    Err(format!("must be a duration in whole {unit}"))
}

/// Reads the first line of a file that holds a secret.
///
/// # Errors
///
/// A sentence without a subject, such as "is empty".
pub(super) fn first_line(path: &Path) -> Result<SecretText, String> {
    let text = fs::read_to_string(path).map(SecretText::new);
    let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    match text.expose().lines().next() {
        None | Some("") => Err("is empty".to_owned()),
        Some(line) => Ok(SecretText::new(line.to_owned())),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.trim().to_owned()),
        Value::Bool(_, flag) => Some(flag.to_string()),
        Value::Num(_, number) => number_text(*number),
        _ => None,
    }
}

fn number_text(number: Num) -> Option<String> {
    let whole = number.to_i128().map(|number| number.to_string());
    let unsigned = || number.to_u128().map(|number| number.to_string());
    let broken = || number.to_f64().map(|number| number.to_string());
    whole.or_else(unsigned).or_else(broken)
}

fn list(value: &Value) -> Option<Vec<String>> {
    if let Value::Array(_, values) = value {
        return values.iter().map(scalar).collect();
    }
    let text = scalar(value)?;
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    Some(parts.map(str::to_owned).collect())
}

/// Whether a URL of a store has a password: before its hosts, which may be several, or in its query.
fn has_password(url: &str) -> bool {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (_, address) = address.split_once("://").unwrap_or_default();
    let user = address.rsplit_once('@').map_or("", |(user, _)| user);
    let mut names = query.split('&').filter_map(|pair| pair.split('=').next());
    user.contains(':') || names.any(|name| name.contains("pass"))
}

/// Scheme, host and path of a URL: every other part may hold a password.
fn without_password(text: &str) -> String {
    if let Some(hosts) = StoreUrls::hosts(text) {
        return hosts.join(",");
    }
    let url = Url::parse(text).ok();
    let url = url.filter(|url| StoreUrls::SCHEMES.contains(&url.scheme()));
    // An `@` in the path means that the password has a `/` in it.
    let Some(url) = url.filter(|url| !url.path().contains('@')) else {
        return SET.to_owned();
    };
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

const SECOND: Duration = Duration::from_secs(1);

/// What is shown of a secret.
const SET: &str = "set";
