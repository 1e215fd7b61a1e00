//! The metrics of one route. Each is looked up once, and kept.

use std::array::from_fn;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use metrics::{Counter, Histogram};

/// A method as logs and metrics name it. Clients may send any method, and the number of metrics must
/// not depend on clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MethodName(usize);

impl MethodName {
    pub(crate) fn of(method: &Method) -> Self {
        let known = NAMES.iter().position(|name| *name == method.as_str());
        Self(known.unwrap_or(NAMES.len()))
    }

    pub(crate) fn as_str(self) -> &'static str {
        NAMES.get(self.0).unwrap_or(&"other")
    }
}

/// The counters and histograms of a route.
pub(crate) struct Meters {
    durations: [OnceLock<Histogram>; NAMES.len() + 1],
    /// A route answers few statuses, so that a list is found through fast.
    answers: RwLock<Vec<(MethodName, StatusCode, Counter)>>,
}

impl Meters {
    pub(crate) fn new() -> Self {
        Self {
            durations: from_fn(|_| OnceLock::new()),
            answers: RwLock::default(),
        }
    }

    /// Counts an answer of `route`, and how long it took.
    pub(crate) fn count(
        &self,
        route: &str,
        (method, status): (MethodName, StatusCode),
        took: Duration,
    ) {
        self.answers(route, method, status).increment(1);
        if let Some(durations) = self.durations.get(method.0) {
            let durations = durations.get_or_init(|| {
                metrics::histogram!(
                    "signet_http_request_duration_seconds",
                    "method" => method.as_str(), "route" => route.to_owned()
                )
            });
            durations.record(took.as_secs_f64());
        }
    }

    fn answers(&self, route: &str, method: MethodName, status: StatusCode) -> Counter {
        let known = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let found = known
            .iter()
            .find(|known| (known.0, known.1) == (method, status));
        if let Some((.., counter)) = found {
            return counter.clone();
        }
        drop(known);
        let counter = metrics::counter!(
            "signet_http_requests_total",
            "method" => method.as_str(), "route" => route.to_owned(), "status" => status.as_u16().to_string()
        );
        // Two requests may both add it, which is the same counter twice.
        let mut known = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        known.push((method, status, counter.clone()));
        counter
    }
}

const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_of_a_clients_own_has_no_name_of_its_own() {
        for (method, name) in [("GET", "GET"), ("OPTIONS", "OPTIONS"), ("BREW", "other")] {
            assert_eq!(MethodName::of(&method.parse().unwrap()).as_str(), name);
        }
    }
}
