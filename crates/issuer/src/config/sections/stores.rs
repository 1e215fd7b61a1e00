//! Where everything is stored.

use std::convert::Infallible;
use std::time::Duration;

use signet_core::secret::SecretText;
use signet_store::{Migration, RedisOptions, StoreUrls};

use crate::config::reader::Reader;

/// The addresses of the stores, and how they are used.
#[expect(
    clippy::option_option,
    reason = "the outer one says that the value is wrong, the inner one is the setting"
)]
pub(super) struct Stores {
    pub(super) database_url: Option<SecretText>,
    pub(super) redis_url: Option<Option<SecretText>>,
    pub(super) redis: Option<RedisOptions>,
    pub(super) migration: Option<Migration>,
}

impl Stores {
    /// Reads the addresses of the stores, and checks them as the server does when it starts.
    pub(super) fn read(reader: &mut Reader) -> Self {
        let database_url = reader.required("database_url", secret);
        let redis_url = reader.optional("redis_url", secret);
        let redis = redis(reader);
        if let (Some(database_url), Some(redis_url), Some(redis)) =
            (&database_url, &redis_url, &redis)
        {
            check_stores(reader, database_url, redis_url.as_ref(), redis);
        }
        let migration = reader.required("migrate", migration);
        Self {
            database_url,
            redis_url,
            redis,
            migration,
        }
    }
}

fn check_stores(
    reader: &mut Reader,
    database_url: &SecretText,
    redis_url: Option<&SecretText>,
    redis: &RedisOptions,
) {
    let urls = StoreUrls {
        database_url: database_url.expose().to_owned(),
        redis_url: redis_url.map(|url| url.expose().to_owned()),
        redis: redis.clone(),
        migration: Migration::default(),
    };
    if let Err(error) = urls.check() {
        let message = format!("cannot be used: {}", error.reason());
        reader.refuse::<()>(error.setting(), &message);
    }
}

fn redis(reader: &mut Reader) -> Option<RedisOptions> {
    let timeout = reader.duration("redis.timeout", Duration::from_millis(10), LONGEST_TIMEOUT);
    let acknowledgements = reader.required("redis.acknowledgements", |text| {
        if text == "auto" {
            return Ok(None);
        }
        let number = text.parse().map(Some);
        number.map_err(|_| "must be auto or a number of replicas")
    });
    let ca_file = reader.optional("redis.ca_file", str::parse);
    Some(RedisOptions {
        timeout: timeout?,
        acknowledgements: acknowledgements?,
        ca_file: ca_file?,
    })
}

fn migration(text: &str) -> Result<Migration, &'static str> {
    match text {
        "auto" => Ok(Migration::Automatic),
        "manual" => Ok(Migration::Manual),
        _ => Err("must be auto or manual"),
    }
}

fn secret(text: &str) -> Result<SecretText, Infallible> {
    text.parse::<String>().map(SecretText::new)
}

const LONGEST_TIMEOUT: Duration = Duration::from_secs(10);
