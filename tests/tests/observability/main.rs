//! What an operator sees of a running server.

mod exposition;
mod metrics;
mod rules;
