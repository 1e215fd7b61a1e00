//! Metrics in the format of Prometheus.
//!
//! The recorder is made here and the command line installs it. Code that measures does not know it.
//! [`catalogue`] names every metric.

mod catalogue;
mod process;

use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use signet_core::limits::Limit;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::app::App;

/// Makes a recorder with buckets for durations of requests.
///
/// # Errors
///
/// [`BuildError`] if there are no buckets, which cannot happen.
pub fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS_SECONDS)?
        .set_buckets_for_metric(Matcher::Prefix("signet_store_".to_owned()), &STORE_SECONDS)?;
    Ok(builder.build_recorder())
}

/// Moves the samples of histograms into their buckets periodically, until `stopped`.
pub(crate) async fn upkeep(shown: &PrometheusHandle, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(UPKEEP_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let for_ever = async {
        loop {
            ticks.tick().await;
            shown.run_upkeep();
        }
    };
    tokio::select! {
        () = for_ever => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
}

/// Describes each metric, and shows counters with known labels from the start: a first increase is
/// seen only if there was a zero before. Called once, after the recorder is installed.
pub fn describe() {
    catalogue::METRICS
        .iter()
        .for_each(catalogue::Metric::describe);
    for limit in Limit::ALL {
        let name = limit.rule().name;
        metrics::counter!("signet_rate_limited_total", "limit" => name).increment(0);
    }
    let version = env!("CARGO_PKG_VERSION");
    let commit = env!("BUILD_COMMIT");
    metrics::gauge!("signet_build_info", "version" => version, "commit" => commit).set(1);
}

/// Shows all metrics.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Health",
    responses((status = 200, description = "The text format of Prometheus", body = String))
)]
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    process::read();
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics.render(),
    )
}

/// A histogram keeps each sample until then, 8 bytes each.
const UPKEEP_PERIOD: Duration = Duration::from_secs(5);
/// From a cheap request to the request deadline; dense around the times of a signature and a hash.
const BUCKETS_SECONDS: [f64; 20] = [
    0.000_25, 0.000_5, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012, 0.016, 0.024, 0.032, 0.064,
    0.125, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0,
];
/// From a look-up in memory to the deadline of a call.
const STORE_SECONDS: [f64; 15] = [
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025,
    0.1, 0.25, 0.5, 2.5,
];
