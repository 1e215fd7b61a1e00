//! Who may say something about the configuration: a file, the environment, flags.
//!
//! The only file that reads the environment.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// What was said from outside, not looked into yet.
#[derive(Clone, Default, Debug)]
pub struct Sources {
    /// The file named by a flag.
    pub file: Option<PathBuf>,
    /// The variables of the process; only those that begin with `SIGNET_` are looked at.
    pub environment: Vec<(OsString, OsString)>,
    /// What flags say, as pairs of key and value.
    pub flags: Vec<(&'static str, String)>,
}

impl Sources {
    /// The environment of this process, and nothing else.
    pub fn of_process() -> Self {
        Self {
            environment: std::env::vars_os().collect(),
            ..Self::default()
        }
    }

    /// No file and no flags; these variables.
    pub fn of_variables<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.into(), value.into());
        Self {
            environment: variables.into_iter().map(owned).collect(),
            ..Self::default()
        }
    }

    /// The file to read, and who named it. Without a name, `signet.toml` if there is one.
    pub(super) fn file_to_read(&self) -> Option<(PathBuf, &'static str)> {
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

    /// The variables that are ours, those apart that say nothing about a setting.
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

/// Kubernetes makes `SIGNET_PORT…` and `SIGNET_SERVICE_…` for a Service of the name `signet`.
fn is_ours(name: &str) -> bool {
    name.starts_with("SIGNET_")
        && name != "SIGNET_PORT"
        && !name.starts_with("SIGNET_PORT_")
        && !name.starts_with("SIGNET_SERVICE_")
}

const CONFIG_VARIABLE: &str = "SIGNET_CONFIG";
const USUAL_FILE: &str = "signet.toml";
