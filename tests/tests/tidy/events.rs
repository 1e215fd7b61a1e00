//! The page and the schema of events list every event that there is.

use std::collections::BTreeSet;

use crate::files;

#[test]
fn the_page_and_the_schema_list_every_event() {
    let sources = ["events.rs", "events/limits.rs", "events/operators.rs"]
        .map(|file| files::read(&format!("crates/flows/src/{file}")));
    let names: BTreeSet<_> = sources.iter().flat_map(|source| names(source)).collect();
    assert!(names.len() > 40, "{names:?}");

    let page = files::read("docs/events.md");
    let types = page.split("## Types").nth(1).expect("the types");
    let listed: BTreeSet<_> = types
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(listed, names);

    let schema = files::read("docs/events.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    let of_schema = schema["properties"]["type"]["enum"].as_array();
    let of_schema: BTreeSet<_> = of_schema
        .into_iter()
        .flatten()
        .filter_map(|it| it.as_str())
        .collect();
    assert_eq!(of_schema, names);
}

/// The names in the function that names events.
fn names(source: &str) -> impl Iterator<Item = &str> {
    let names = source
        .split("fn name(")
        .nth(1)
        .expect("the names of events");
    let names = names.split("fn sentence(").next().expect("their end");
    names
        .lines()
        .filter_map(|line| line.split("=> \"").nth(1)?.split('"').next())
}
