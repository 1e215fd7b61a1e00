//! The client behind an id: a registered one, or the server's own.

use signet_core::client::{Client, ClientStatus};
use signet_core::names::{BUILT_IN_CLIENT, ClientId};
use signet_store::StoreError;

use crate::app::App;

/// The client with this id, unless it is switched off.
pub(crate) async fn find_client(app: &App, id: &ClientId) -> Result<Option<Client>, StoreError> {
    if id.as_str() == BUILT_IN_CLIENT {
        return Ok(Client::built_in(&app.settings.audience));
    }
    let found = app.stores.clients.find(id).await?;
    Ok(found.filter(|client| client.status == ClientStatus::Active))
}
