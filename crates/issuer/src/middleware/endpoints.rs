//! What is known of each route before a request arrives.
//!
//! The router finds the handler of a path; this table, which has the same paths, is asked before.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::guard::Guard;
use super::meters::Meters;

/// The guards of all paths; none for paths with a guard of their own.
pub(crate) type Guards = BTreeMap<String, Option<Guard>>;

/// What is known of one route.
pub(crate) struct Endpoint {
    /// The path with its parameters, as logs and metrics name it.
    pub(crate) route: Arc<str>,
    pub(crate) guard: Option<Guard>,
    /// Whether its requests come every few seconds, so that only a fault is of interest.
    pub(crate) is_routine: bool,
    pub(crate) meters: Meters,
}

/// The routes of a listener.
pub(crate) struct Endpoints {
    known: matchit::Router<Endpoint>,
    unmatched: Endpoint,
}

impl Endpoints {
    /// The table of these paths.
    pub(crate) fn of(guards: Guards) -> Self {
        let mut known = matchit::Router::new();
        for (path, guard) in guards {
            let endpoint = Endpoint::new(&path, guard);
            let inserted = known.insert(path, endpoint);
            // The router has refused such a path before.
            debug_assert!(inserted.is_ok(), "{inserted:?}");
        }
        Self {
            known,
            unmatched: Endpoint::new(UNMATCHED, None),
        }
    }

    /// The route of a path as it was sent.
    pub(crate) fn find(&self, path: &str) -> &Endpoint {
        self.known
            .at(path)
            .map_or(&self.unmatched, |found| found.value)
    }
}

impl Endpoint {
    fn new(route: &str, guard: Option<Guard>) -> Self {
        Self {
            route: route.into(),
            guard,
            is_routine: ROUTINE.iter().any(|prefix| route.starts_with(prefix)),
            meters: Meters::new(),
        }
    }
}

/// The route of a request that no route matched.
const UNMATCHED: &str = "unmatched";
/// Probes, scrapes, public documents, and requests that gateways let through.
const ROUTINE: [&str; 10] = [
    "/healthz",
    "/livez",
    "/readyz",
    "/metrics",
    "/.well-known/",
    "/forward-auth/",
    "/openapi.json",
    "/docs",
    "/client.js",
    "/redirect.js",
];
