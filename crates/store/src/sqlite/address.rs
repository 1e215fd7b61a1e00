//! From `database_url` to the path of the file.

use std::path::Path;

use super::open_error::SqliteOpenError;

/// The path in `sqlite://PATH`. The value stays unsaid: what was meant otherwise may hold a password.
pub(crate) fn path(database_url: &str) -> Result<&Path, SqliteOpenError> {
    let path = database_url.strip_prefix("sqlite://");
    path.filter(|path| names_a_file(path))
        .map(Path::new)
        .ok_or(SqliteOpenError::Url)
}

/// `?` would begin parameters, which do not exist; `:memory:` would forget everything.
fn names_a_file(path: &str) -> bool {
    !path.is_empty() && !path.contains(['?', '#', '\0']) && path != ":memory:"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_paths_are_relative_or_absolute() {
        let relative = path("sqlite://data/signet.db").unwrap();
        assert_eq!(relative, Path::new("data/signet.db"));
        let absolute = path("sqlite:///var/lib/signet.db").unwrap();
        assert_eq!(absolute, Path::new("/var/lib/signet.db"));
    }
}
