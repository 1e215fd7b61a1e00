//! Finding an issuer's keys by its metadata. The metadata has to be that issuer's own.

use super::endpoint::Endpoint;
use super::fetch;
use super::{RemoteKeys, RemoteKeysBuilder, SetupError};
use crate::fetching::FetchError;
use crate::json::Object;

impl RemoteKeysBuilder {
    /// The keys of this issuer, at the URL that its metadata names.
    ///
    /// # Errors
    /// [`SetupError`] if the metadata cannot be fetched, is another issuer's, or names a URL
    /// that is not safe to ask.
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
        let document = fetch::get(&endpoint, &self.tls()?, None).await;
        let document = document.map_err(SetupError::Fetch)?;
        document.body.ok_or(SetupError::Metadata)
    }
}

/// Where an issuer's metadata is: OpenID Connect Discovery 1.0 section 4, which appends to a
/// path, and RFC 8414 section 3.1, which puts itself before it.
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
