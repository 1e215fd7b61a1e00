//! What a client may say when it sends a person here to sign out: who the person is, and where the
//! browser goes afterwards.

use serde::Deserialize;
use signet_core::authorization::SubjectHint;
use signet_core::client::RedirectUri;
use signet_core::ids::AccountId;
use signet_core::names::ClientId;
use signet_store::StoreError;

use crate::flows::Flows;

/// What an ID token of ours says about itself. It may have expired.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdTokenHint {
    /// The client that got it.
    pub client_id: ClientId,
    /// The account that it is about.
    pub account_id: AccountId,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: ClientId,
    /// Access tokens have none.
    #[serde(rename = "at_hash")]
    _at_hash: String,
}

impl Flows {
    /// Reads an ID token that a published key of ours has signed.
    pub fn read_id_token(&self, text: &str) -> Option<IdTokenHint> {
        let payload = self.keys.signed_payload(text, self.clock.now())?;
        let claims: Claims = serde_json::from_slice(&payload).ok()?;
        let account_id = claims.sub.parse().ok()?;
        (claims.iss == self.settings.issuer).then_some(IdTokenHint {
            client_id: claims.aud,
            account_id,
        })
    }

    /// What the `id_token_hint` of an authorization request says. Only the client that got an ID
    /// token may name its subject.
    pub fn subject_hint(&self, client_id: &ClientId, text: &str) -> SubjectHint {
        let hint = self.read_id_token(text);
        let own = hint.filter(|hint| hint.client_id == *client_id);
        SubjectHint::new(own.map(|hint| hint.account_id))
    }

    /// The address to which a client may send a browser after signing out; `None` if it is not
    /// registered.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn address_after_logout(
        &self,
        client_id: Option<&str>,
        uri: &str,
    ) -> Result<Option<RedirectUri>, StoreError> {
        let id = client_id.and_then(|id| id.parse::<ClientId>().ok());
        let (Some(id), Ok(uri)) = (id, uri.parse::<RedirectUri>()) else {
            return Ok(None);
        };
        let client = self.find_readable_client(&id).await?;
        let admitted =
            client.is_some_and(|client| client.sign_in.by_redirect.admit_after_logout(&uri));
        Ok(admitted.then_some(uri))
    }
}
