//! `signet healthcheck`: requests `/healthz` of the configured address, so that a container needs no
//! curl.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::{CommandResult, Common, foreground_runtime, say};
use crate::http_client::{Target, get, reachable};

/// Succeeds if `/healthz` of the public listener answers 200.
pub(super) fn ask(common: &Common) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    // It asks whether the server is alive, whatever certificate it has.
    let target = Target::any(reachable(settings.listen), settings.tls.is_some())?;
    let url = format!("{target}/healthz");
    let runtime = foreground_runtime()?;
    let asked = async { tokio::time::timeout(DEADLINE, get(&target, "/healthz")).await };
    match runtime.block_on(asked) {
        Ok(Ok(answer)) if answer.status == StatusCode::OK => {
            if common.json {
                say(json!({ "healthy": url }));
            }
            Ok(())
        }
        Ok(Ok(answer)) => Err(format!("{url} answers {}", answer.status).into()),
        Ok(Err(error)) => Err(format!("{url} does not answer: {error}").into()),
        Err(_) => Err(format!("{url} does not answer within {} s", DEADLINE.as_secs()).into()),
    }
}

/// Containers allow a health check a few seconds.
const DEADLINE: Duration = Duration::from_secs(2);
