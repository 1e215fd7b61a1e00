//! The repository keeps its own rules: which crate may use what, how a source file looks, which
//! licences come along, and what is never committed.
//!
//! A fault that review has found twice becomes a test here.

mod addresses;
mod crates;
mod events;
mod files;
mod modules;
mod package;
mod pages;
mod prose;
mod readme;
mod size;
mod sources;
mod threats;
mod use_paths;
