//! What an operator sees of a running server.

mod collector;
mod exposition;
mod metrics;
mod rules;
mod traces;
