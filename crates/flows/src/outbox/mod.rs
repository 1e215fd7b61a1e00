//! The outbox: mail is stored sealed inside requests, and a worker sends it later.
//!
//! This module must not know the words of a mail, or how a sender speaks to a mail server.

mod deliver;
mod queue;

pub(crate) use queue::NewMail;
