//! Metrics in the format of Prometheus.
//!
//! The recorder is made here and the command line installs it. Code that measures does not know it.

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

/// Makes a recorder with buckets for durations of requests.
///
/// # Errors
///
/// [`BuildError`] if there are no buckets, which cannot happen.
pub fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &BUCKETS_SECONDS)?;
    Ok(builder.build_recorder())
}

/// Removes old samples from the recorder every minute until `stopped`.
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

/// Describes each metric; called once, after the recorder is installed.
pub fn describe() {
    describe_counter!("signet_http_requests_total", "Requests answered");
    describe_histogram!(
        "signet_http_request_duration_seconds",
        Unit::Seconds,
        "Time from the headers of a request to the headers of its answer"
    );
    describe_counter!("signet_refresh_total", "Decisions about refresh tokens");
    describe_counter!("signet_password_jobs_total", "Passwords hashed or checked");
    describe_gauge!(
        "signet_password_queue_jobs",
        "Passwords that wait to be hashed or checked"
    );
    describe_counter!(
        "signet_key_rings_taken_up_total",
        "Changes of the keys folder that this server has loaded"
    );
    describe_gauge!(
        "signet_keys_folder_broken",
        "1 while the keys folder is broken and the last good keys stay in use"
    );
    describe_gauge!(
        "signet_key_ring_behind",
        "1 while other replicas have newer keys and this replica issues no tokens"
    );
    describe_counter!(
        "signet_rate_limited_total",
        "Requests refused with 429, by limit"
    );
    describe_counter!(
        "signet_connections_refused_total",
        "Connections closed because their address had too many, or for newer ones, and requests of \
         HTTP/2 refused for the same reason"
    );
    describe_counter!(
        "signet_tls_handshakes_failed_total",
        "TLS handshakes that failed, such as those without a client certificate"
    );
    describe_gauge!(
        "signet_status_lists",
        "Revocation lists whose tokens may still be valid"
    );
    describe_gauge!(
        "signet_status_list_revoked_bits",
        "Bits that are set in these lists"
    );
    describe_gauge!(
        "signet_status_list_age_seconds",
        "Time since this replica last read the changes of revocation lists"
    );
    describe_gauge!(
        "signet_status_list_bytes",
        "Length of the revocation list that was signed last"
    );
    describe_counter!(
        "signet_log_lines_dropped_total",
        "Lines dropped because the log was not read"
    );
}

/// Shows all metrics.
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

/// Histograms keep their samples for this long.
const UPKEEP_PERIOD: Duration = Duration::from_mins(1);
/// From microseconds to the request deadline; dense around the times of a signature and a hash.
const BUCKETS_SECONDS: [f64; 14] = [
    0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1.0, 5.0, 30.0,
];
