//! The life of a ring: each command by example, and any sequence of them at any time.

mod clock_ahead;
mod data;
mod examples;
mod properties;
