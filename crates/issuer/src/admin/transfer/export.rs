//! `GET /admin/accounts/export`: every account as a JSON line.

use std::io;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use signet_core::ids::AccountId;
use signet_flows::Flows;
use signet_flows::accounts::ExportedAccount;
use tracing::Instrument as _;

use super::line::{AccountLineFields, ExportLine};
use super::{BATCH, JSON_LINES};
use crate::app::App;
use crate::extract::AdminRequest;
use crate::streamed::{BodyParts, streamed_body};

/// Reads every account with its password hash and its authenticators, as JSON lines.
///
/// The response is streamed, in the order of the ids. Keep it as secret as the database. An import
/// of the lines adds the same accounts. Secrets of authenticator apps are sealed with the data keys
/// of this server.
#[utoipa::path(
    get,
    path = "/admin/accounts/export",
    tag = "Accounts",
    security(("bearer" = [])),
    responses(
        (
            status = 200, description = "The accounts", body = AccountLineFields,
            content_type = "application/x-ndjson"
        ),
    )
)]
pub(crate) async fn export_accounts(
    State(app): State<App>,
    admin: AdminRequest,
) -> ([(HeaderName, HeaderValue); 1], Body) {
    let (parts, body) = streamed_body();
    let export = Export {
        flows: app.flows.clone(),
        admin,
        parts,
    };
    tokio::spawn(export.run().in_current_span());
    let content_type = HeaderValue::from_static(JSON_LINES);
    ([(CONTENT_TYPE, content_type)], body)
}

struct Export {
    flows: Flows,
    admin: AdminRequest,
    parts: BodyParts,
}

impl Export {
    /// Ends after the last account, or when the client has gone.
    async fn run(self) {
        let mut after = None;
        loop {
            let part = self.page(after).await;
            let next = part.as_ref().ok().and_then(|(_, next)| *next);
            let part = part.map(|(text, _)| text.into());
            if self.parts.send(part).await.is_err() || next.is_none() {
                return;
            }
            after = next;
        }
    }

    async fn page(&self, after: Option<AccountId>) -> io::Result<(Vec<u8>, Option<AccountId>)> {
        let caller = self.admin.caller();
        let limit = u32::try_from(BATCH).unwrap_or(u32::MAX);
        let reading = self.flows.export_accounts(after, limit, caller);
        // The trail of the request ends before: this runs on a task of its own.
        let page = match self.flows.audit.recording(reading).await {
            Ok(page) => page.map_err(io::Error::other),
            Err(unrecorded) => Err(io::Error::other(unrecorded)),
        };
        let page = page.inspect_err(|error| tracing::error!(%error, "an export was broken off"))?;
        Ok((lines(&page.accounts)?, page.next))
    }
}

fn lines(accounts: &[ExportedAccount]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for account in accounts {
        serde_json::to_writer(&mut text, &ExportLine::of(account))?;
        text.push(b'\n');
    }
    Ok(text)
}
