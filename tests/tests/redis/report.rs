//! What the people of a crowd have written down.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use tokio::time::Instant;

/// How requests were answered.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) requests: usize,
    /// Answers with 503 or 429.
    pub(crate) refusals: usize,
    pub(crate) slowest: Duration,
    /// Refused access tokens of sessions that go on.
    pub(crate) refused_access_tokens: usize,
    /// When the sessions began that ended without a sign-out.
    pub(crate) lost: Vec<Instant>,
    /// Tokens of ended sessions that were accepted.
    pub(crate) ended_answers: Vec<EndedAnswer>,
    /// Who has acknowledged which write, and when.
    pub(crate) written: Vec<(Written, usize, Instant)>,
    /// Answers that are never right.
    pub(crate) others: Vec<String>,
}

/// Something that an issuer has acknowledged, with what Redis has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    SignIn,
    Refresh,
    SignOut,
}

/// A token of an ended session was accepted.
pub(crate) struct EndedAnswer {
    pub(crate) what: &'static str,
    pub(crate) issuer: usize,
    /// When the request was sent.
    pub(crate) asked: Instant,
    /// How long the session had been ended.
    pub(crate) since: Duration,
}

impl Report {
    pub(crate) fn answered(&mut self, after: Duration) {
        self.requests += 1;
        self.slowest = self.slowest.max(after);
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.refusals += other.refusals;
        self.slowest = self.slowest.max(other.slowest);
        self.refused_access_tokens += other.refused_access_tokens;
        self.lost.extend(other.lost);
        self.ended_answers.extend(other.ended_answers);
        self.written.extend(other.written);
        self.others.extend(other.others);
    }

    /// How many writes of a kind an issuer has acknowledged in this time.
    pub(crate) fn written(&self, what: Written, issuer: usize, when: Range<Instant>) -> usize {
        let written = self.written.iter();
        written
            .filter(|(kind, by, at)| *kind == what && *by == issuer && when.contains(at))
            .count()
    }

    /// Counts tokens of ended sessions whose acceptance the documentation announces, and leaves
    /// them out.
    pub(crate) fn forgive(&mut self, is_announced: impl Fn(&EndedAnswer) -> bool) {
        let before = self.ended_answers.len();
        self.ended_answers
            .retain(|accepted| !is_announced(accepted));
        let forgiven = before - self.ended_answers.len();
        println!("{forgiven} tokens of ended sessions accepted with the old primary");
    }

    /// Nothing that was acknowledged was undone, and every answer was right.
    pub(crate) fn shows_no_fault(&self) {
        self.keeps_endings();
        assert_eq!(self.lost.len(), 0, "sessions were lost");
    }

    /// The same, where sessions that began after `fault` may be lost.
    pub(crate) fn shows_no_older_session_lost(&self, fault: Instant) {
        self.keeps_endings();
        let older = self
            .lost
            .iter()
            .filter(|begun| **begun + REPLICATED < fault);
        assert_eq!(older.count(), 0, "older sessions were lost");
    }

    fn keeps_endings(&self) {
        println!("{self}");
        for accepted in &self.ended_answers {
            println!("{accepted}");
        }
        assert!(self.others.is_empty(), "{:?}", self.others);
        assert!(self.ended_answers.is_empty(), "see what was printed");
        assert!(self.requests > 100, "a steady load");
        assert!(self.slowest < LONGEST, "{:?}", self.slowest);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (requests, refusals, slowest) = (self.requests, self.refusals, self.slowest);
        let (lost, refused) = (self.lost.len(), self.refused_access_tokens);
        let accepted = self.ended_answers.len();
        write!(
            f,
            "{requests} requests, {refusals} refusals, the slowest after {slowest:?}; {lost} sessions \
             lost, {refused} access tokens refused, {accepted} tokens of ended sessions accepted"
        )
    }
}

impl fmt::Display for EndedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, issuer, since) = (self.what, self.issuer, self.since);
        write!(
            f,
            "issuer {issuer} accepted the {what} of a session that had ended {since:?} before"
        )
    }
}

/// A write is with the replicas by then, on the busiest of machines.
const REPLICATED: Duration = Duration::from_secs(1);

/// No request waits longer, on the busiest of machines.
const LONGEST: Duration = Duration::from_secs(10);
