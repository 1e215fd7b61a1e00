//! What the checks have found, and how that is shown.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

/// The result of a check, from good to bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Ok,
    /// The server works, with a risk.
    Warning,
    /// The server does not work, or not as it is configured.
    Problem,
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Finding {
    verdict: Verdict,
    /// What was checked.
    check: &'static str,
    /// What is right, or what is wrong and what to do.
    detail: String,
}

/// All lines of the report, in the order of the checks.
#[derive(Default, Debug, Serialize)]
pub(super) struct Findings {
    findings: Vec<Finding>,
}

impl Findings {
    /// Notes that something is right.
    pub(super) fn ok(&mut self, check: &'static str, detail: impl Display) {
        self.add(Verdict::Ok, check, detail);
    }

    /// Notes a risk, and what to do about it.
    pub(super) fn warning(&mut self, check: &'static str, detail: impl Display) {
        self.add(Verdict::Warning, check, detail);
    }

    /// Notes what is wrong, and what to do about it.
    pub(super) fn problem(&mut self, check: &'static str, detail: impl Display) {
        self.add(Verdict::Problem, check, detail);
    }

    /// Whether this check has found nothing but good things until now.
    pub(super) fn is_good(&self, check: &str) -> bool {
        let mut of_check = self.findings.iter().filter(|found| found.check == check);
        of_check.all(|found| found.verdict == Verdict::Ok)
    }

    /// Leaves warnings and problems.
    pub(super) fn leave_out_good_ones(&mut self) {
        self.findings.retain(|found| found.verdict != Verdict::Ok);
    }

    /// The worst result.
    pub(super) fn worst(&self) -> Verdict {
        let verdicts = self.findings.iter().map(|found| found.verdict);
        verdicts.max().unwrap_or(Verdict::Ok)
    }

    fn add(&mut self, verdict: Verdict, check: &'static str, detail: impl Display) {
        self.findings.push(Finding {
            verdict,
            check,
            detail: detail.to_string(),
        });
    }

    fn count(&self, verdict: Verdict) -> usize {
        let found = self.findings.iter();
        found.filter(|found| found.verdict == verdict).count()
    }
}

/// A line for each finding, and their number at the end.
impl Display for Findings {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for found in &self.findings {
            let verdict = found.verdict.as_str();
            writeln!(f, "{verdict:<8} {:<12} {}", found.check, found.detail)?;
        }
        let (problems, warnings) = (self.count(Verdict::Problem), self.count(Verdict::Warning));
        write!(f, "problems: {problems}, warnings: {warnings}")
    }
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}
