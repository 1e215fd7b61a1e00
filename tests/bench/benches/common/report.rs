//! The rows, the table for people and the JSON for programs. It must not know what is measured.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::load::Measured;
use crate::process::processor_time;

/// A row: what was loaded and how, or one figure, or both.
pub struct Row {
    name: String,
    costs: Option<Costs>,
    figure: Option<Figure>,
}

struct Costs {
    rate: f64,
    p50: f64,
    p99: f64,
    issuer: Option<f64>,
    redis: Option<f64>,
}

/// A number with its unit and, if there is one, its target.
pub struct Figure {
    value: f64,
    unit: Unit,
    target: Option<Target>,
}

#[derive(Clone, Copy)]
pub enum Unit {
    /// How many times the operation that it is compared with.
    Times,
    Milliseconds,
    Microseconds,
    Megabytes,
    Bytes,
}

#[derive(Clone, Copy)]
enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Figure {
    pub fn new(value: f64, unit: Unit) -> Self {
        let target = None;
        Self {
            value,
            unit,
            target,
        }
    }

    pub fn at_most(mut self, limit: f64) -> Self {
        self.target = Some(Target::AtMost(limit));
        self
    }

    pub fn at_least(mut self, limit: f64) -> Self {
        self.target = Some(Target::AtLeast(limit));
        self
    }

    fn met(&self) -> Option<bool> {
        self.target.map(|target| match target {
            Target::AtMost(limit) => self.value <= limit,
            Target::AtLeast(limit) => self.value >= limit,
        })
    }
}

/// A load with the processor time that it took.
#[derive(Default)]
pub struct Load {
    pub measured: Measured,
    issuer: Duration,
    redis: Option<Duration>,
}

impl Load {
    /// Runs `work` and reads what the processes of an issuer and its Redis used meanwhile.
    pub fn of(issuer: &[u32], redis: Option<u32>, work: impl FnOnce() -> Measured) -> Self {
        let used = || issuer.iter().copied().map(processor_time).sum::<Duration>();
        let before = (used(), redis.map(processor_time));
        let measured = work();
        Self {
            measured,
            issuer: used() - before.0,
            redis: redis
                .zip(before.1)
                .map(|(redis, before)| processor_time(redis) - before),
        }
    }

    /// Processor time of the issuer for one request, in microseconds.
    pub fn micros(&self) -> f64 {
        micros(self.issuer) / f64::from(self.measured.requests())
    }

    /// The same of its Redis, if it has one.
    pub fn redis_micros(&self) -> Option<f64> {
        let requests = f64::from(self.measured.requests());
        self.redis.map(|time| micros(time) / requests)
    }

    /// Both together, as one longer load.
    pub fn and(self, other: Self) -> Self {
        Self {
            measured: self.measured.and(other.measured),
            issuer: self.issuer + other.issuer,
            redis: self
                .redis
                .or(other.redis)
                .map(|_| self.redis.unwrap_or_default() + other.redis.unwrap_or_default()),
        }
    }
}

impl Row {
    pub fn figure(name: impl Into<String>, figure: Figure) -> Self {
        let name = name.into();
        Self {
            name,
            costs: None,
            figure: Some(figure),
        }
    }

    pub fn load(name: impl Into<String>, load: &Load, figure: Option<Figure>) -> Self {
        let costs = Costs {
            issuer: Some(load.micros()),
            redis: load.redis_micros(),
            ..Costs::timing(&load.measured)
        };
        let name = name.into();
        Self {
            name,
            costs: Some(costs),
            figure,
        }
    }

    /// A load during which the issuer did other work, too, so that its processor time says nothing.
    pub fn timing(name: impl Into<String>, measured: &Measured, figure: Option<Figure>) -> Self {
        let name = name.into();
        Self {
            name,
            costs: Some(Costs::timing(measured)),
            figure,
        }
    }
}

impl Costs {
    fn timing(measured: &Measured) -> Self {
        Self {
            rate: measured.rate(),
            p50: measured.quantile_millis(0.5),
            p99: measured.quantile_millis(0.99),
            issuer: None,
            redis: None,
        }
    }
}

/// The table, in Markdown so that it can be kept.
pub fn table(rows: &[Row]) -> String {
    let mut cells = vec![HEAD.map(str::to_owned)];
    cells.extend(rows.iter().map(Row::cells));
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<_> = (0..HEAD.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let mut text = String::new();
    for (number, row) in cells.iter().enumerate() {
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(text, "| {cell:<width$} |"),
                _ => write!(text, " {cell:>width$} |"),
            };
        }
        text.push('\n');
        if number == 0 {
            text.push_str(&rule(&widths));
        }
    }
    text
}

fn rule(widths: &[usize]) -> String {
    let columns = widths.iter().enumerate().map(|(column, &width)| {
        let dashes = "-".repeat(width + 1);
        if column == 0 {
            format!("-{dashes}|")
        } else {
            format!("{dashes}:|")
        }
    });
    format!("|{}\n", columns.collect::<String>())
}

impl Row {
    fn cells(&self) -> [String; 9] {
        let cost = |digits: usize, pick: fn(&Costs) -> Option<f64>| {
            let value = self.costs.as_ref().and_then(pick);
            value.map_or_else(String::new, |value| format!("{value:.digits$}"))
        };
        let figure = self.figure.as_ref();
        let target = figure.and_then(|figure| figure.target.map(|target| (figure.unit, target)));
        let met = figure.and_then(Figure::met);
        [
            self.name.clone(),
            cost(0, |costs| Some(costs.rate)),
            cost(1, |costs| Some(costs.p50)),
            cost(1, |costs| Some(costs.p99)),
            cost(0, |costs| costs.issuer),
            cost(0, |costs| costs.redis),
            figure.map_or_else(String::new, |figure| figure.unit.show(figure.value)),
            target.map_or_else(String::new, |(unit, target)| target.show(unit)),
            met.map_or("", |met| if met { "met" } else { "MISSED" })
                .to_owned(),
        ]
    }

    /// The row for programs; the target is a text such as `<= 1.2`.
    fn json(&self) -> Value {
        let figure = self.figure.as_ref();
        let costs = self.costs.as_ref();
        json!({
            "name": self.name,
            "value": figure.map(|figure| figure.value),
            "unit": figure.map(|figure| figure.unit.name()),
            "target": figure.and_then(|figure| figure.target).map(Target::text),
            "met": figure.and_then(Figure::met),
            "requests_per_second": costs.map(|costs| costs.rate),
            "p50_ms": costs.map(|costs| costs.p50),
            "p99_ms": costs.map(|costs| costs.p99),
            "issuer_cpu_us": costs.and_then(|costs| costs.issuer),
            "redis_cpu_us": costs.and_then(|costs| costs.redis),
        })
    }
}

/// Everything for programs: rows that have a target, and the others.
pub fn json(rows: &[Row], machine: &Value) -> Value {
    let has_target = |row: &&Row| {
        row.figure
            .as_ref()
            .is_some_and(|figure| figure.target.is_some())
    };
    let (targets, others): (Vec<_>, Vec<_>) = rows.iter().partition(has_target);
    let all = |rows: Vec<&Row>| rows.into_iter().map(Row::json).collect::<Vec<_>>();
    json!({"targets": all(targets), "others": all(others), "machine": machine})
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Times => "x",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Megabytes => "MB",
            Self::Bytes => "B",
        }
    }

    fn show(self, value: f64) -> String {
        match self {
            Self::Times | Self::Microseconds => format!("{value:.2} {}", self.name()),
            Self::Milliseconds | Self::Megabytes => format!("{value:.1} {}", self.name()),
            Self::Bytes => format!("{value:.0} {}", self.name()),
        }
    }
}

impl Target {
    fn show(self, unit: Unit) -> String {
        format!("{} {}", self.text(), unit.name())
    }

    fn text(self) -> String {
        match self {
            Self::AtMost(limit) => format!("<= {limit}"),
            Self::AtLeast(limit) => format!(">= {limit}"),
        }
    }
}

pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

const HEAD: [&str; 9] = [
    "measurement",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "CPU us",
    "Redis us",
    "figure",
    "target",
    "",
];
