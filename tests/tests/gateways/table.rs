//! Tables of what is expected: a line for each case, a column for each configuration.

/// What a table says of one configuration: cases and cells.
pub fn column(table: &str, name: &str) -> Vec<(String, String)> {
    let mut lines = table.lines().filter(|line| !line.starts_with('#'));
    let mut heads = lines.next().expect("a line of names").split_whitespace();
    let place = heads.position(|head| head == name);
    let place = place.unwrap_or_else(|| panic!("the table has no column {name}"));
    let rows = lines.map(|line| {
        let mut cells = line.split_whitespace();
        let case = cells.next().expect("a case").to_owned();
        let cell = cells.nth(place - 1).expect("a cell").to_owned();
        (case, cell)
    });
    rows.collect()
}

/// Compares what was seen with a column, all rows at once.
#[track_caller]
pub fn compare(table: &str, name: &str, seen: &[(String, String)]) {
    let shown = |rows: &[(String, String)]| -> Vec<_> {
        let rows = rows.iter();
        rows.map(|(case, cell)| format!("{case} {cell}")).collect()
    };
    let (seen, expected) = (shown(seen), shown(&column(table, name)));
    let surprises: Vec<_> = seen.iter().filter(|row| !expected.contains(row)).collect();
    assert!(
        seen == expected,
        "{name} is not what the table says in {surprises:#?}; all of it:\n{}",
        seen.join("\n")
    );
}
