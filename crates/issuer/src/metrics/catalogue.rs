//! Every metric, with its labels. Code that measures uses the names of this table.

use std::slice;

use metrics::{
    Label as Pair, SharedString, counter, describe_counter, describe_gauge, describe_histogram,
};

/// A metric as it is shown.
pub(super) struct Metric {
    name: &'static str,
    kind: Kind,
    help: &'static str,
    labels: &'static [Label],
}

enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// A name, and every value that it can have. There are none if they are not known here.
type Label = (&'static str, &'static [&'static str]);

impl Metric {
    /// Describes it. A counter is shown as zero for every combination of labels, if they are known.
    pub(super) fn describe(&self) {
        let help = SharedString::const_str(self.help);
        match self.kind {
            Kind::Counter => {
                describe_counter!(self.name, help);
                for labels in self.combinations() {
                    counter!(self.name, labels).increment(0);
                }
            }
            Kind::Gauge => describe_gauge!(self.name, help),
            Kind::Histogram => describe_histogram!(self.name, help),
        }
    }

    fn combinations(&self) -> Vec<Vec<Pair>> {
        let none = vec![Vec::new()];
        self.labels
            .iter()
            .fold(none, |combinations, (name, values)| {
                let pairs = values.iter();
                let pairs = pairs.map(|value| Pair::from_static_parts(name, value));
                let with = |pair: Pair| {
                    let longer =
                        |labels: &Vec<Pair>| [labels.as_slice(), slice::from_ref(&pair)].concat();
                    combinations.iter().map(longer).collect::<Vec<_>>()
                };
                pairs.flat_map(with).collect()
            })
    }
}

const fn counter(name: &'static str, help: &'static str, labels: &'static [Label]) -> Metric {
    Metric {
        name,
        kind: Kind::Counter,
        help,
        labels,
    }
}

const fn gauge(name: &'static str, help: &'static str, labels: &'static [Label]) -> Metric {
    Metric {
        name,
        kind: Kind::Gauge,
        help,
        labels,
    }
}

const fn histogram(name: &'static str, help: &'static str, labels: &'static [Label]) -> Metric {
    Metric {
        name,
        kind: Kind::Histogram,
        help,
        labels,
    }
}

/// `docs/metrics.md` explains them to operators.
pub(super) const METRICS: &[Metric] = &[
    gauge(
        "signet_build_info",
        "1, with the version and the commit as labels",
        &[("version", &[]), ("commit", &[])],
    ),
    counter(
        "signet_http_requests_total",
        "Requests answered",
        &[("method", &[]), ("route", &[]), ("status", &[])],
    ),
    histogram(
        "signet_http_request_duration_seconds",
        "Time from the headers of a request to the headers of its response",
        &[("method", &[]), ("route", &[])],
    ),
    counter(
        "signet_http_refusals_total",
        "Requests refused with a 4xx, by the code of the response",
        &[("route", &[]), ("code", &[])],
    ),
    counter(
        "signet_http_failures_total",
        "Requests that failed with a 5xx, by the code of the response",
        &[("route", &[]), ("code", &[])],
    ),
    counter(
        "signet_rate_limited_total",
        "Requests refused with 429, by limit",
        &[("limit", &[])],
    ),
    counter(
        "signet_proofs_of_work_total",
        "Registrations and sign-ins that needed a proof of work",
        &[
            ("purpose", &["registration", "sign_in"]),
            ("outcome", &["required", "solved"]),
        ],
    ),
    counter(
        "signet_captchas_total",
        "Answers of captchas that stood in for a proof of work",
        &[("outcome", &["right", "wrong", "used", "unavailable"])],
    ),
    counter(
        "signet_sign_ins_total",
        "Attempts to sign in",
        &[
            ("method", &["password", "second_factor", "passkey"]),
            ("outcome", &["succeeded", "continued", "failed", "refused"]),
        ],
    ),
    counter(
        "signet_tokens_issued_total",
        "Access tokens issued, by the way the client got them",
        &[(
            "grant",
            &[
                "sign_in",
                "refresh_token",
                "authorization_code",
                "device_code",
                "client_credentials",
                "token_exchange",
            ],
        )],
    ),
    counter(
        "signet_refresh_total",
        "Decisions about refresh tokens",
        &[(
            "decision",
            &[
                "rotate",
                "replay",
                "replay_displaced",
                "recover",
                "heal",
                "expired",
                "reuse_stale",
                "reuse_displaced",
                "garbage",
                "unknown",
                "unbound",
                "client_gone",
                "audience_gone",
                "consent_gone",
                "role_required",
                "stalled",
                "contended",
            ],
        )],
    ),
    counter(
        "signet_deny_list_checks_total",
        "Access tokens looked up on the deny list",
        &[("outcome", &["not_denied", "denied", "unavailable"])],
    ),
    counter(
        "signet_password_jobs_total",
        "Passwords hashed or checked",
        &[("class", &["sign_in", "registration", "signed_in"])],
    ),
    counter(
        "signet_password_jobs_refused_total",
        "Passwords not checked because a queue was full or one caller had too many jobs",
        &[
            ("class", &["sign_in", "registration", "signed_in"]),
            ("reason", &["full", "crowded"]),
        ],
    ),
    counter(
        "signet_password_lookups_total",
        "New passwords compared with breached ones",
        &[("outcome", &["not_found", "found", "unavailable"])],
    ),
    gauge(
        "signet_password_queue_jobs",
        "Passwords that wait to be hashed or checked",
        &[("class", &[])],
    ),
    histogram(
        "signet_password_wait_seconds",
        "Time that a password waits for a thread",
        &[("class", &[])],
    ),
    histogram(
        "signet_store_call_duration_seconds",
        "Time of calls to the stores",
        &[("backend", &[]), ("kind", &[])],
    ),
    histogram(
        "signet_store_wait_seconds",
        "Time that calls wait for the writer of SQLite or a connection to PostgreSQL",
        &[("backend", &[])],
    ),
    counter(
        "signet_store_errors_total",
        "Operations of the stores that failed",
        &[("store", &[]), ("reason", &[])],
    ),
    gauge(
        "signet_keys",
        "Keys of the key ring, by purpose and state",
        &[("purpose", &[]), ("state", &[])],
    ),
    gauge(
        "signet_key_age_seconds",
        "Age of the oldest key with this purpose and state; 0 if there is none",
        &[("purpose", &[]), ("state", &[])],
    ),
    counter(
        "signet_key_rings_taken_up_total",
        "Changes of the keys folder that this server has loaded",
        &[],
    ),
    gauge(
        "signet_keys_folder_broken",
        "1 while the keys folder is broken and the last good keys stay in use",
        &[],
    ),
    gauge(
        "signet_key_ring_behind",
        "1 while other replicas have newer keys and this replica issues no tokens",
        &[],
    ),
    counter(
        "signet_mails_total",
        "Mails that were sent, tried in vain or given up",
        &[("kind", &[]), ("outcome", &[])],
    ),
    counter(
        "signet_logout_notices_total",
        "Notices of a sign-out to clients",
        &[("outcome", &["sent", "postponed", "given_up"])],
    ),
    gauge(
        "signet_outbox_entries",
        "Mails and notices that wait to be sent",
        &[],
    ),
    gauge(
        "signet_outbox_overdue_seconds",
        "Time since the earliest entry of the outbox was due; 0 if none is due",
        &[],
    ),
    gauge(
        "signet_connections",
        "Open connections",
        &[("listener", &[])],
    ),
    counter(
        "signet_connections_refused_total",
        "Connections closed because their address had too many, or for newer ones, and requests of HTTP/2 refused for the same reason",
        &[],
    ),
    counter(
        "signet_tls_handshakes_failed_total",
        "TLS handshakes that failed, such as those without a client certificate",
        &[],
    ),
    gauge(
        "signet_status_lists",
        "Revocation lists whose tokens may still be valid",
        &[],
    ),
    gauge(
        "signet_status_list_revoked_bits",
        "Bits that are set in these lists",
        &[],
    ),
    gauge(
        "signet_status_list_age_seconds",
        "Time since this replica last read the changes of revocation lists",
        &[],
    ),
    gauge(
        "signet_status_list_bytes",
        "Length of the revocation list that was signed last",
        &[],
    ),
    counter(
        "signet_trace_spans_exported_total",
        "Spans that the collector has taken",
        &[],
    ),
    counter(
        "signet_trace_spans_dropped_total",
        "Spans that did not reach the collector",
        &[("reason", &["queue_full", "collector"])],
    ),
    counter(
        "signet_log_lines_dropped_total",
        "Lines dropped because the log was not read",
        &[],
    ),
    counter(
        "process_cpu_seconds_total",
        "Processor time of all threads, in whole seconds",
        &[],
    ),
    gauge(
        "process_resident_memory_bytes",
        "Memory in use, with the pages of the program",
        &[],
    ),
    gauge("process_threads", "Threads", &[]),
    gauge(
        "process_start_time_seconds",
        "Start of the process, seconds since 1970",
        &[],
    ),
    gauge("process_open_fds", "Open files and connections", &[]),
    gauge(
        "process_max_fds",
        "How many files and connections may be open",
        &[],
    ),
];
