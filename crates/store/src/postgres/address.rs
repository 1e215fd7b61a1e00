//! From `database_url` to how the server is reached.
//!
//! What the address leaves out comes from the variables that every PostgreSQL client knows, such
//! as `PGPASSWORD`, and from `~/.pgpass`. Nothing here may repeat the address: it may hold a
//! password.

use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::open_error::PostgresOpenError;

/// Whether this is an address of PostgreSQL, a usable one or not.
pub(crate) fn is_postgres(database_url: &str) -> bool {
    SCHEMES.iter().any(|scheme| {
        let rest = database_url.strip_prefix(scheme);
        rest.is_some_and(|rest| rest.starts_with("://"))
    })
}

/// How to reach a database: nothing was sent yet.
pub(crate) struct PostgresAddress {
    pub(super) options: PgConnectOptions,
}

impl PostgresAddress {
    /// Understands `database_url`.
    pub(crate) fn parse(database_url: &str) -> Result<Self, PostgresOpenError> {
        let options = connect_options(database_url)?;
        Ok(Self { options })
    }

    /// Returns which database this is, without user and password.
    pub(crate) fn name(&self) -> String {
        name_of(&self.options)
    }
}

/// How to connect to the server, each connection with a deadline for its statements.
fn connect_options(database_url: &str) -> Result<PgConnectOptions, PostgresOpenError> {
    let url = Url::parse(database_url).map_err(|_| PostgresOpenError::Url)?;
    // sqlx would log a parameter that it does not know, with its value.
    let mut parameters = url.query_pairs();
    if url.fragment().is_some() || !parameters.all(|(name, _)| PARAMETERS.contains(&&*name)) {
        return Err(PostgresOpenError::Url);
    }
    let options: PgConnectOptions = database_url.parse().map_err(|_| PostgresOpenError::Url)?;
    let name = options
        .get_application_name()
        .unwrap_or("signet")
        .to_owned();
    let timeout = STATEMENT_TIMEOUT.as_millis().to_string();
    let options = options
        .application_name(&name)
        .options([("statement_timeout", timeout)]);
    Ok(options.disable_statement_logging())
}

/// Which database this is, for a sentence to the operator.
pub(super) fn name_of(options: &PgConnectOptions) -> String {
    let database = options
        .get_database()
        .unwrap_or_else(|| options.get_username());
    match options.get_socket() {
        Some(folder) => format!("{database} at {}", folder.display()),
        None => format!(
            "{database} at {}:{}",
            options.get_host(),
            options.get_port()
        ),
    }
}

const SCHEMES: [&str; 2] = ["postgres", "postgresql"];

/// What may stand behind the `?`: the names that libpq knows too.
const PARAMETERS: [&str; 11] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "application_name",
    "options",
];

/// After this the server gives up on a statement, on a lock that another one holds for example.
/// Shorter than a caller waits, so that the caller knows that nothing was done.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_the_server_is_reached() {
        let options = connect_options("postgres://ada:p%40ss@db.example:5433/signet").unwrap();
        assert_eq!(name_of(&options), "signet at db.example:5433");
        assert_eq!(options.get_username(), "ada");
        assert_eq!(options.get_options(), Some("-c statement_timeout=1000"));
        let socket = "postgresql:///accounts?host=/run/postgresql&user=signet&sslmode=disable";
        let options = connect_options(socket).unwrap();
        assert_eq!(name_of(&options), "accounts at /run/postgresql");
    }

    #[test]
    fn an_address_that_cannot_be_meant_is_refused_without_being_repeated() {
        for url in [
            "postgres://ada:hunter2#x@db.example/signet",
            "postgres://ada:hunter2?x@db.example/signet",
            "postgres://ada:hunter2/x@db.example/signet",
            "postgres://ada@db.example/signet?passwrod=hunter2",
            "postgres://ada@db.example/signet?sslmode=hunter2",
            "postgres://ada@db.example:hunter2/signet",
        ] {
            let refused = connect_options(url).map(|_| ()).unwrap_err();
            let sentence = format!("{refused} {refused:?}");
            assert!(sentence.starts_with("this value is not supported"), "{url}");
            assert!(!sentence.contains("hunter2"), "{url}");
        }
    }

    #[test]
    fn only_addresses_of_postgresql_are_taken_for_them() {
        assert!(is_postgres("postgres://"));
        assert!(is_postgres("postgresql:///signet"));
        for url in ["", "postgres:", "postgrest://x", "sqlite://postgres"] {
            assert!(!is_postgres(url), "{url}");
        }
    }
}
