//! `POST /admin/accounts/import`: adds the accounts of JSON lines, with a verdict for each line.

use std::error::Error;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use signet_core::ids::AccountId;
use signet_flows::Flows;
use signet_flows::accounts::{AccountToImport, ImportProblem, ImportVerdict};
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::JSON_LINES;
use super::line::{AccountLineFields, ImportLine};
use super::lines::{CutOff, Line, Lines};
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code, FieldError};
use crate::extract::{AdminRequest, Fields, has_media_type};
use crate::openapi::shapes;
use crate::streamed::{BodyParts, streamed_body};

/// The verdict on one line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedLine {
    /// The number of the line, from 1 on.
    line: u64,
    /// `added`; `exists` if an account has the address, which is not changed; `refused` if the line
    /// is invalid; `failed` if a store did not answer: this line and those after it were not added.
    status: &'static str,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::AccountId>, nullable = false)]
    id: Option<AccountId>,
    /// Why the line was refused or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<String>,
    /// The invalid fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

/// Adds the accounts of JSON lines, and answers with a verdict for each line.
///
/// Body and response are streamed. An address that has an account is left as it is, so the same
/// lines can be sent again. Read the response while the body is sent. Empty lines are skipped.
#[utoipa::path(
    post,
    path = "/admin/accounts/import",
    tag = "Accounts",
    request_body(content = AccountLineFields, content_type = "application/x-ndjson"),
    security(("bearer" = [])),
    responses(
        (
            status = 200, description = "A verdict for each line", body = ImportedLine,
            content_type = "application/x-ndjson"
        ),
        (status = 415, description = "unsupported_media_type"),
    )
)]
pub(crate) async fn import_accounts(
    State(app): State<App>,
    admin: AdminRequest,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<([(HeaderName, HeaderValue); 1], Body)> {
    if !has_media_type(&headers, JSON_LINES) {
        let wanted = "the body must be application/x-ndjson: one JSON object a line";
        return Err(ApiError::from(Code::UnsupportedMediaType).detail(wanted));
    }
    let (parts, verdicts) = streamed_body();
    let import = Import {
        flows: app.flows.clone(),
        admin,
        parts,
    };
    tokio::spawn(import.run(Lines::of(body)).in_current_span());
    let content_type = HeaderValue::from_static(JSON_LINES);
    Ok(([(CONTENT_TYPE, content_type)], verdicts))
}

struct Import {
    flows: Flows,
    admin: AdminRequest,
    parts: BodyParts,
}

impl Import {
    /// Ends when the body or the client has.
    async fn run(self, mut lines: Lines) {
        loop {
            let batch = match lines.next_batch().await {
                Ok(batch) if batch.is_empty() => return,
                Ok(batch) => batch,
                Err(CutOff) => return self.break_off().await,
            };
            let (verdicts, has_failed) = self.add(batch).await;
            let mut text = Vec::new();
            for verdict in &verdicts {
                // Numbers and texts always serialize.
                let _written = serde_json::to_writer(&mut text, verdict);
                text.push(b'\n');
            }
            if self.parts.send(Ok(text.into())).await.is_err() {
                return;
            }
            if has_failed {
                return lines.drain().await;
            }
        }
    }

    /// The client sees that the response is not complete.
    async fn break_off(self) {
        let cut_off = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let _gone = self.parts.send(Err(cut_off)).await;
    }

    /// The verdicts on a batch, and whether a store did not answer.
    async fn add(&self, batch: Vec<Line>) -> (Vec<ImportedLine>, bool) {
        let mut accounts = Vec::new();
        let mut verdicts = Vec::new();
        let mut waiting = Vec::new();
        for Line { number, text } in batch {
            let parsed = match &text {
                Ok(text) => parse(text),
                Err(bad) => Err(ApiError::from(Code::InvalidRequest).detail(bad.to_string())),
            };
            match parsed {
                Ok(account) => {
                    accounts.push(account);
                    waiting.push(number);
                }
                Err(error) => verdicts.push(ImportedLine::invalid(number, &error)),
            }
        }
        let has_failed = match self.import(accounts).await {
            Ok(added) => {
                let added = waiting.into_iter().zip(added);
                verdicts.extend(added.map(|(line, verdict)| ImportedLine::of(line, verdict)));
                false
            }
            Err(error) => {
                tracing::error!(%error, "an import was broken off");
                verdicts.extend(waiting.into_iter().map(ImportedLine::failed));
                true
            }
        };
        verdicts.sort_by_key(|verdict| verdict.line);
        (verdicts, has_failed)
    }

    /// Adds accounts, and answers when their event is in the audit trail. The trail of the request
    /// ends before: this runs on a task of its own.
    async fn import(
        &self,
        accounts: Vec<AccountToImport>,
    ) -> Result<Vec<ImportVerdict>, Box<dyn Error + Send + Sync>> {
        let importing = self.flows.import_accounts(accounts, self.admin.caller());
        Ok(self.flows.audit.recording(importing).await??)
    }
}

fn parse(text: &str) -> ApiResult<AccountToImport> {
    let fields = Fields::read(text).map_err(|error| error.detail("must be one JSON object"))?;
    let ImportLine(account) = fields.parse()?;
    Ok(account)
}

impl ImportedLine {
    fn of(line: u64, verdict: ImportVerdict) -> Self {
        match verdict {
            ImportVerdict::Added(id) => Self::found(line, "added", id),
            ImportVerdict::Exists(id) => Self::found(line, "exists", id),
            ImportVerdict::Refused(problem) => {
                let error = ApiError::validation(vec![FieldError {
                    field: field_of(problem),
                    code: "invalid",
                    message: problem.to_string().into(),
                }]);
                Self::invalid(line, &error)
            }
        }
    }

    fn found(line: u64, status: &'static str, id: AccountId) -> Self {
        Self {
            line,
            status,
            id: Some(id),
            message: None,
            errors: Vec::new(),
        }
    }

    fn invalid(line: u64, error: &ApiError) -> Self {
        Self {
            line,
            status: "refused",
            id: None,
            message: Some(error.text().to_owned()),
            errors: error.fields().to_vec(),
        }
    }

    fn failed(line: u64) -> Self {
        Self {
            line,
            status: "failed",
            id: None,
            message: Some(Code::Unavailable.detail().to_owned()),
            errors: Vec::new(),
        }
    }
}

fn field_of(problem: ImportProblem) -> &'static str {
    match problem {
        ImportProblem::NoWayToSignIn => "status",
        ImportProblem::SealedElsewhere => "totp",
        ImportProblem::Passkeys | ImportProblem::PasskeyTaken => "passkeys",
        ImportProblem::IdTaken => "id",
        ImportProblem::Administers => "roles",
    }
}
