//! Bodies whose parts are made while they are sent.
//!
//! A part waits until the receiver has taken the one before, so memory is bounded. This module must
//! not know what parts contain.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame};
use tokio::sync::mpsc;

/// Where the parts of a body come from.
pub(crate) type BodyParts = mpsc::Sender<io::Result<Bytes>>;

/// Returns a body and the place where its parts are put. The body ends when that place is dropped.
/// An error as a part breaks the connection off, so that the receiver knows that parts are missing.
pub(crate) fn streamed_body() -> (BodyParts, Body) {
    let (parts, taken) = mpsc::channel(PARTS_AHEAD);
    (parts, Body::new(Streamed(taken)))
}

struct Streamed(mpsc::Receiver<io::Result<Bytes>>);

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let part = self.0.poll_recv(context);
        part.map(|part| Some(part?.map(Frame::data)))
    }
}

/// One part is made while another one is sent.
const PARTS_AHEAD: usize = 1;
