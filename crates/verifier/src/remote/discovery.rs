//! Finds an issuer's keys through its metadata. The metadata must name the same issuer.

use super::endpoint::Endpoint;
use super::fetch;
use super::{RemoteKeys, RemoteKeysBuilder};
use crate::fetching::{FetchError, SetupError};
use crate::json::Object;

impl RemoteKeysBuilder {
    /// Returns the keys of this issuer, from the URL in its metadata.
    ///
    /// # Errors
    /// [`SetupError`] if the metadata cannot be fetched or names another issuer, or if its key set
    /// URL uses http and the builder does not allow http for that host.
    pub async fn discover(self, issuer: &str) -> Result<RemoteKeys, SetupError> {
        let [open_id, oauth] = metadata_urls(issuer)?;
        let metadata = match self.fetch(&open_id).await {
            Err(SetupError::Fetch(FetchError::Status(404))) => self.fetch(&oauth).await,
            outcome => outcome,
        }?;
        let mut metadata = Object::parse(&metadata).map_err(|_| SetupError::Metadata)?;
        if metadata.take::<String>("issuer") != Ok(Some(issuer.to_owned())) {
            return Err(SetupError::AnotherIssuer);
        }
        match metadata.take::<String>("jwks_uri") {
            Ok(Some(jwks_uri)) => self.build(&jwks_uri),
            _ => Err(SetupError::Metadata),
        }
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>, SetupError> {
        let endpoint = Endpoint::parse(url, &self.http_hosts)?;
        let document = fetch::get(&endpoint, &self.tls()?, &fetch::KEY_SET, None).await;
        let document = document.map_err(SetupError::Fetch)?;
        document.body.ok_or(SetupError::Metadata)
    }
}

/// Returns the two URLs of an issuer's metadata. OpenID Connect Discovery 1.0 section 4 appends
/// the well-known path to the issuer. RFC 8414 section 3.1 inserts it between host and path.
fn metadata_urls(issuer: &str) -> Result<[String; 2], SetupError> {
    let issuer = issuer.trim_end_matches('/');
    let (scheme, rest) = issuer.split_once("://").ok_or(SetupError::MalformedUrl)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Ok([
        format!("{issuer}/.well-known/openid-configuration"),
        format!("{scheme}://{host}/.well-known/oauth-authorization-server{path}"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_where_both_specifications_put_it() {
        let [open_id, oauth] = metadata_urls("https://a.test/realms/x").unwrap();
        assert_eq!(
            open_id,
            "https://a.test/realms/x/.well-known/openid-configuration"
        );
        assert_eq!(
            oauth,
            "https://a.test/.well-known/oauth-authorization-server/realms/x"
        );
        let [open_id, oauth] = metadata_urls("https://a.test/").unwrap();
        assert_eq!(open_id, "https://a.test/.well-known/openid-configuration");
        assert_eq!(
            oauth,
            "https://a.test/.well-known/oauth-authorization-server"
        );
        assert_eq!(metadata_urls("a.test"), Err(SetupError::MalformedUrl));
    }
}
