//! The lines of a request body, read as they arrive. At most one frame and one line are in memory.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame};
use zeroize::Zeroizing;

use super::BATCH;

/// The rest of a body.
pub(super) struct Lines {
    body: Body,
    /// What has arrived and is not a whole line yet.
    begun: Zeroizing<Vec<u8>>,
    number: u64,
    is_skipping: bool,
    has_ended: bool,
}

/// A line and its number, which begins with 1.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) text: Result<Zeroizing<String>, BadLine>,
}

/// The reasons why a line is not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum BadLine {
    #[error("the line is longer than 64 KiB")]
    TooLong,
    #[error("the line must be UTF-8")]
    NotText,
}

/// The body did not arrive whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CutOff;

impl Lines {
    pub(super) fn of(body: Body) -> Self {
        Self {
            body,
            begun: Zeroizing::default(),
            number: 0,
            is_skipping: false,
            has_ended: false,
        }
    }

    /// Returns the next lines, at most [`BATCH`]; none at the end of the body. Waits for the first
    /// line only.
    pub(super) async fn next_batch(&mut self) -> Result<Vec<Line>, CutOff> {
        let mut batch = Vec::new();
        loop {
            self.take_lines(&mut batch);
            if batch.len() >= BATCH || self.has_ended {
                return Ok(batch);
            }
            let frame = if batch.is_empty() {
                self.frame().await?
            } else {
                match self.ready_frame().await {
                    Some(frame) => frame,
                    None => return Ok(batch),
                }
            };
            match frame {
                None => self.has_ended = true,
                Some(Ok(frame)) => {
                    let data = frame.into_data().unwrap_or_default();
                    self.begun.extend_from_slice(&data);
                }
                Some(Err(_)) => return Err(CutOff),
            }
        }
    }

    /// Reads and drops the rest, so that the client can read the response.
    pub(super) async fn drain(&mut self) {
        while let Ok(Some(Ok(_))) = self.frame().await {}
    }

    async fn frame(&mut self) -> Result<NextFrame, CutOff> {
        let frame = tokio::time::timeout(FRAME_TIMEOUT, self.body.frame()).await;
        frame.map_err(|_| CutOff)
    }

    /// A frame that has arrived already.
    async fn ready_frame(&mut self) -> Option<NextFrame> {
        let body = &mut self.body;
        poll_fn(|context| match Pin::new(&mut *body).poll_frame(context) {
            Poll::Ready(frame) => Poll::Ready(Some(frame)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    fn take_lines(&mut self, batch: &mut Vec<Line>) {
        let mut taken = 0;
        while batch.len() < BATCH {
            let rest = self.begun.get(taken..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
                break;
            };
            let line = rest.get(..length).unwrap_or_default();
            taken += length + 1;
            if self.is_skipping {
                self.is_skipping = false;
                continue;
            }
            self.number += 1;
            push(batch, self.number, line);
        }
        self.begun.drain(..taken);
        if batch.len() < BATCH {
            self.look_at_unended(batch);
        }
    }

    /// Takes the last line, which may have no end, and refuses a line that is too long already.
    fn look_at_unended(&mut self, batch: &mut Vec<Line>) {
        let is_too_long = self.begun.len() > MAX_LINE_BYTES;
        let is_last = self.has_ended && !self.begun.is_empty();
        if self.is_skipping {
            self.begun.clear();
        } else if is_too_long || is_last {
            self.number += 1;
            push(batch, self.number, &self.begun);
            self.begun.clear();
            self.is_skipping = is_too_long;
        }
    }
}

/// Lines without anything are no accounts.
fn push(batch: &mut Vec<Line>, number: u64, line: &[u8]) {
    let text = if line.len() > MAX_LINE_BYTES {
        Err(BadLine::TooLong)
    } else {
        let text = str::from_utf8(line).map_err(|_| BadLine::NotText);
        text.map(|text| Zeroizing::new(text.trim().to_owned()))
    };
    if text.as_ref().is_ok_and(|text| text.is_empty()) {
        return;
    }
    batch.push(Line { number, text });
}

type NextFrame = Option<Result<Frame<Bytes>, axum::Error>>;

/// An account with ten large passkeys has 30 KiB.
const MAX_LINE_BYTES: usize = 64 * 1024;
/// A client that sends nothing for this long has gone.
const FRAME_TIMEOUT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streamed::streamed_body;

    async fn read(parts: Vec<Vec<u8>>) -> Vec<(u64, String)> {
        let (sender, body) = streamed_body();
        tokio::spawn(async move {
            for part in parts {
                sender.send(Ok(part.into())).await.unwrap();
            }
        });
        let mut lines = Lines::of(body);
        let mut all = Vec::new();
        loop {
            let batch = lines.next_batch().await.unwrap();
            if batch.is_empty() {
                return all;
            }
            assert!(batch.len() <= BATCH);
            all.extend(batch.into_iter().map(|line| {
                let text = line
                    .text
                    .map_or_else(|bad| bad.to_string(), |text| text.to_string());
                (line.number, text)
            }));
        }
    }

    fn pairs(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
        let pairs = expected.iter();
        pairs
            .map(|(number, text)| (*number, (*text).to_owned()))
            .collect()
    }

    #[tokio::test]
    async fn lines_are_the_same_however_the_body_is_cut() {
        let body = b"one\r\n\n  \ntwo\nthree";
        let expected = pairs(&[(1, "one"), (4, "two"), (5, "three")]);
        assert_eq!(read(vec![body.to_vec()]).await, expected);
        let bytes = body.iter().map(|byte| vec![*byte]);
        assert_eq!(read(bytes.collect()).await, expected);
    }

    #[tokio::test]
    async fn a_long_line_is_refused_and_the_next_one_read() {
        let long = vec![b'x'; MAX_LINE_BYTES + 1];
        let huge = vec![vec![b'x'; 50_000]; 5];
        let parts = [
            vec![long, b"\nnext\n".to_vec()],
            huge,
            vec![b"\nlast\n".to_vec()],
        ];
        let long = "the line is longer than 64 KiB";
        assert_eq!(
            read(parts.concat()).await,
            pairs(&[(1, long), (2, "next"), (3, long), (4, "last")])
        );
        let fits = vec![b'x'; MAX_LINE_BYTES];
        let read = read(vec![fits, b"\n".to_vec()]).await;
        assert_eq!(read[0].1.len(), MAX_LINE_BYTES);
    }

    #[tokio::test]
    async fn many_lines_come_in_batches() {
        let body = "x\n".repeat(BATCH * 2 + 1);
        let read = read(vec![body.into_bytes()]).await;
        assert_eq!(read.len(), BATCH * 2 + 1);
        let numbers: Vec<_> = (1..).take(read.len()).collect();
        assert!(read.iter().map(|(number, _)| *number).eq(numbers));
    }
}
