//! Metrics: what is measured, and how it is shown to Prometheus.
//!
//! The recorder is made here and installed by the command line; who measures does not know it.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::app::App;

/// A recorder with the buckets that fit what is measured.
///
/// # Errors
///
/// [`BuildError`] when there are no buckets, which cannot be.
pub fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &BUCKETS_SECONDS)?;
    Ok(builder.build_recorder())
}

/// Drops what the recorder no longer needs, every minute until `stopped` says so.
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

/// Says what each metric means; once, after the recorder was installed.
pub fn describe() {
    describe_counter!("signet_http_requests_total", "Requests answered");
    describe_histogram!(
        "signet_http_request_duration_seconds",
        Unit::Seconds,
        "Time from the headers of a request to those of its answer"
    );
    describe_counter!(
        "signet_refresh_total",
        "What refresh tokens were found worth"
    );
    describe_counter!("signet_password_jobs_total", "Passwords hashed or checked");
    describe_gauge!(
        "signet_password_queue_jobs",
        "Passwords that wait to be hashed or checked"
    );
    describe_counter!(
        "signet_key_rings_taken_up_total",
        "Changes of the keys folder that were taken up"
    );
    describe_gauge!(
        "signet_keys_folder_broken",
        "1 while the keys folder cannot be used and the last good keys stay"
    );
    describe_gauge!(
        "signet_key_ring_behind",
        "1 while other replicas have newer keys and no tokens are issued here"
    );
    describe_counter!(
        "signet_rate_limited_total",
        "Requests refused with 429, by limit"
    );
    describe_counter!(
        "signet_connections_refused_total",
        "Connections closed because their address had too many, or to make room for others"
    );
    describe_counter!(
        "signet_log_lines_dropped_total",
        "Lines that were not logged because nobody read the log"
    );
}

/// Shows what has been measured.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Health",
    responses((status = 200, description = "The text format of Prometheus", body = String))
)]
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics.render(),
    )
}

/// Histograms keep their samples until then.
const UPKEEP_PERIOD: Duration = Duration::from_mins(1);
/// From a look into memory to the request deadline; dense where a signature and a hash lie.
const BUCKETS_SECONDS: [f64; 14] = [
    0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1.0, 5.0, 30.0,
];
