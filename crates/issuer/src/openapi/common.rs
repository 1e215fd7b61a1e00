//! The errors that many operations share: the page explains them once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::text::{at, escaped, marked, members, table, text};

/// A status and a line of its description.
type Fault<'a> = (&'a str, &'a str);

/// The errors that many operations of a document share.
pub(super) struct CommonErrors<'a>(Vec<Fault<'a>>);

impl<'a> CommonErrors<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        let items = members(at(document, "/paths")).flat_map(|(_, item)| members(item));
        let mut counts: BTreeMap<Fault<'_>, usize> = BTreeMap::new();
        for fault in items.flat_map(|(_, operation)| faults(at(operation, "/responses"))) {
            *counts.entry(fault).or_default() += 1;
        }
        let common = counts.into_iter().filter(|(_, count)| *count >= COMMON);
        Self(common.map(|(fault, _)| fault).collect())
    }

    /// The row of a response, with the errors that are not common.
    pub(super) fn row(&self, status: &str, response: &Value) -> String {
        let own = lines(response).filter(|line| !self.0.contains(&(status, *line)));
        let own: Vec<_> = own.map(marked).collect();
        if own.is_empty() {
            return String::new();
        }
        let own = own.join("<br>");
        format!("<tr><td><code>{status}</code><td colspan=\"2\">{own}\n")
    }

    /// The row that names the common errors among the responses of an operation.
    pub(super) fn common_row(&self, responses: &Value) -> String {
        let common = faults(responses).filter(|fault| self.0.contains(fault));
        let names: Vec<_> = common
            .map(|fault| format!("<code>{}</code>", name(fault)))
            .collect();
        if names.is_empty() {
            return String::new();
        }
        let names = names.join(", ");
        format!("<tr><td><a href=\"#errors\">also</a><td colspan=\"2\">{names}\n")
    }

    /// The section that explains them.
    pub(super) fn table(&self) -> String {
        let mut rows = String::new();
        for (status, line) in &self.0 {
            let _written = writeln!(rows, "<tr><td><code>{status}</code><td>{}", marked(line));
        }
        format!("<h2 id=\"errors\">Common errors</h2>\n{}", table(&rows))
    }
}

/// The errors among the responses of an operation.
fn faults(responses: &Value) -> impl Iterator<Item = Fault<'_>> {
    let errors = members(responses).filter(|(status, _)| status.starts_with(['4', '5']));
    errors.flat_map(|(status, response)| lines(response).map(move |line| (status, line)))
}

fn lines(response: &Value) -> impl Iterator<Item = &str> {
    text(at(response, "/description")).lines()
}

/// The stable code of an error, or its status.
fn name((status, line): Fault<'_>) -> String {
    let code = line.split('`').nth(1).filter(|_| line.starts_with('`'));
    escaped(code.unwrap_or(status))
}

/// An error of this many operations is explained once.
const COMMON: usize = 10;
