//! Reads the text format of Prometheus.

use std::collections::{BTreeMap, BTreeSet};

use signet_tests::Api;

/// The metrics of a server at one moment.
#[derive(Debug)]
pub struct Exposition {
    /// The type of each metric.
    pub types: BTreeMap<String, String>,
    series: BTreeMap<String, f64>,
}

impl Exposition {
    /// Reads the metrics of a server.
    pub async fn of(operations: &Api) -> Self {
        let text = operations.get("/metrics").await.expect(200).text();
        let types = text.lines().filter_map(|line| {
            let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
            Some((name.to_owned(), kind.to_owned()))
        });
        let samples = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let series = samples.map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            (series.to_owned(), value.parse().expect("a number"))
        });
        Self {
            types: types.collect(),
            series: series.collect(),
        }
    }

    /// The value of a series, written as Prometheus shows it.
    pub fn value(&self, series: &str) -> Option<f64> {
        self.series.get(series).copied()
    }

    /// The labels of a metric with their values; those of a bucket are left out.
    pub fn labels(&self, metric: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut labels = BTreeMap::<_, BTreeSet<_>>::new();
        for series in self.series.keys() {
            let (name, pairs) = series.split_once('{').unwrap_or((series, "}"));
            if name != metric && name.strip_suffix("_count") != Some(metric) {
                continue;
            }
            let pairs = pairs.trim_end_matches('}').split("\",");
            for (label, value) in pairs.filter_map(|pair| pair.split_once("=\"")) {
                let value = value.trim_end_matches('"').to_owned();
                labels.entry(label.to_owned()).or_default().insert(value);
            }
        }
        labels
    }
}
