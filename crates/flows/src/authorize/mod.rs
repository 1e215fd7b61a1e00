//! Authorization requests: from the client that sends a browser here, or the device that shows a
//! code, to what it gets (RFC 6749 section 4.1, RFC 8628).
//!
//! Pages are not known here: a flow says which step comes next. What a request asks for is kept in
//! the store until the last step, so no page carries it.

mod codes;
mod decide;
mod device;
mod pending;
mod progress;
mod pushed;

use std::sync::Arc;

use signet_core::client::{Client, RedirectUri};
use signet_core::names::ClientId;
use signet_store::StoreError;

use crate::client_documents::DocumentError;
use crate::clients::LearnError;
use crate::flows::Flows;

pub use decide::DecideError;
pub(crate) use device::WaitingDevice;
pub use device::{DEVICE_CODE_TTL, DeviceCodes, DeviceRequestError, POLL_INTERVAL, UserCodeError};
pub(crate) use pending::read_payload;
pub use pending::{FoundRequest, Pending, REQUEST_TTL};
pub use progress::{Progress, ReturnAddress};
pub use pushed::PUSHED_REQUEST_TTL;

/// Why an answer cannot be sent to a client: the browser shows a page.
#[derive(Debug, thiserror::Error)]
pub enum UnknownClient {
    /// There is no such client, it is disabled, or it does not use sign-in by redirect.
    #[error("client_id does not name a client that people sign in with by redirect")]
    Client,
    /// It is not registered, and its metadata document cannot be used.
    #[error("the metadata document of the client cannot be used: {0}")]
    Document(DocumentError),
    /// The redirect URI is missing or not one of the client's.
    #[error("redirect_uri is missing or is not registered for this client")]
    RedirectUri,
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// The client of a request, and where its answer goes. Until both are known to belong together,
    /// nothing is sent to the redirect URI.
    ///
    /// # Errors
    ///
    /// [`UnknownClient`]
    pub async fn client_of_request(
        &self,
        client_id: Option<&str>,
        redirect_uri: Option<&str>,
    ) -> Result<(Arc<Client>, RedirectUri), UnknownClient> {
        let id = client_id.and_then(|id| id.parse::<ClientId>().ok());
        let id = id.ok_or(UnknownClient::Client)?;
        let client = self.find_asking_client(&id).await?;
        let reached_by_redirect =
            |client: &Arc<Client>| !client.sign_in.by_redirect.redirect_uris.is_empty();
        let client = client.filter(reached_by_redirect);
        let client = client.ok_or(UnknownClient::Client)?;
        let uri = redirect_uri.and_then(|uri| uri.parse::<RedirectUri>().ok());
        let uri = uri.filter(|uri| client.sign_in.by_redirect.admit(uri));
        let uri = uri.ok_or(UnknownClient::RedirectUri)?;
        Ok((client, uri))
    }

    /// The client of a request that waits; none if it is gone, or if its metadata document can no
    /// longer be used.
    async fn client_of_waiting(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        match self.find_asking_client(id).await {
            Ok(found) => Ok(found),
            Err(LearnError::Document(_)) => Ok(None),
            Err(LearnError::Store(error)) => Err(error),
        }
    }
}

impl From<LearnError> for UnknownClient {
    fn from(error: LearnError) -> Self {
        match error {
            LearnError::Document(error) => Self::Document(error),
            LearnError::Store(error) => Self::Store(error),
        }
    }
}
