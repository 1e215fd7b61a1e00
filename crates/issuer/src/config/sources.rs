//! The sources of the configuration: a file, the environment, flags.
//!
//! The only file that reads the environment.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The sources, not parsed yet.
#[derive(Clone, Default, Debug)]
pub struct Sources {
    /// The file that a flag names.
    pub file: Option<PathBuf>,
    /// The variables of the process; only those that begin with `SIGNET_` count.
    pub environment: Vec<(OsString, OsString)>,
    /// The values of flags, as pairs of key and value.
    pub flags: Vec<(&'static str, String)>,
}

impl Sources {
    /// The environment of this process alone.
    pub fn of_process() -> Self {
        Self {
            environment: std::env::vars_os().collect(),
            ..Self::default()
        }
    }

    /// These variables, without a file or flags.
    pub fn of_variables<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.into(), value.into());
        Self {
            environment: variables.into_iter().map(owned).collect(),
            ..Self::default()
        }
    }

    /// The file to read, and what named it. If nothing does, `signet.toml` if it exists.
    pub(crate) fn file_to_read(&self) -> Option<(PathBuf, &'static str)> {
        if let Some(path) = &self.file {
            return Some((path.clone(), "--config"));
        }
        let variable = self.variable(CONFIG_VARIABLE);
        if let Some(path) = variable.filter(|path| !path.is_empty()) {
            return Some((path.into(), CONFIG_VARIABLE));
        }
        let usual = PathBuf::from(USUAL_FILE);
        usual.exists().then_some((usual, "the working folder"))
    }

    /// The variables that name settings.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, &OsStr)> {
        let ours = self.environment.iter().filter_map(|(name, value)| {
            let name = name.to_str()?;
            (is_ours(name) && !value.is_empty()).then(|| (name.to_owned(), value.as_os_str()))
        });
        ours.filter(|(name, _)| name != CONFIG_VARIABLE)
    }

    fn variable(&self, name: &str) -> Option<&OsStr> {
        let mut variables = self.environment.iter();
        let (_, value) = variables.find(|(found, _)| found.to_str() == Some(name))?;
        Some(value)
    }
}

/// Kubernetes sets `SIGNET_PORT…` and `SIGNET_SERVICE_…` if a Service is named `signet`.
fn is_ours(name: &str) -> bool {
    name.starts_with("SIGNET_")
        && name != "SIGNET_PORT"
        && !name.starts_with("SIGNET_PORT_")
        && !name.starts_with("SIGNET_SERVICE_")
}

const CONFIG_VARIABLE: &str = "SIGNET_CONFIG";
/// The file that is read if nothing names one and it exists.
pub(crate) const USUAL_FILE: &str = "signet.toml";
