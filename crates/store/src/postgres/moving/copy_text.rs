//! The text format of `COPY`: a line for each row, a tab between values.

use std::fmt::Write as _;

use crate::moved::Cell;

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name, the same in SQLite.
    pub(super) name: String,
    /// How its values are written.
    pub(super) kind: Kind,
}

/// How the values of a column are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A whole number, or text as it is.
    Plain,
    /// A number of 0 or 1 in SQLite.
    Truth,
    /// 16 bytes in SQLite.
    Id,
    /// Bytes.
    Bytes,
    /// Words with spaces between them in SQLite.
    Words,
    /// A whole number.
    Number,
}

impl Kind {
    /// The kind of a type of PostgreSQL.
    pub(super) fn of(data_type: &str) -> Self {
        match data_type {
            "boolean" => Self::Truth,
            "uuid" => Self::Id,
            "bytea" => Self::Bytes,
            "ARRAY" => Self::Words,
            "smallint" | "integer" | "bigint" => Self::Number,
            _ => Self::Plain,
        }
    }
}

impl Column {
    /// The expression whose text [`read_line`] understands.
    pub(super) fn value(&self) -> String {
        match self.kind {
            Kind::Words => format!("array_to_string({}, ' ')", self.name),
            _ => self.name.clone(),
        }
    }
}

/// Cuts what the server sends into lines.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    read: usize,
}

impl Lines {
    /// Adds what the server has sent.
    pub(super) fn add(&mut self, part: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(part);
    }

    /// The next whole line.
    pub(super) fn next_line(&mut self) -> Option<Vec<u8>> {
        let rest = self.bytes.get(self.read..)?;
        let length = rest.iter().position(|byte| *byte == b'\n')?;
        let line = rest.get(..length)?.to_vec();
        self.read = self.read.saturating_add(length).saturating_add(1);
        Some(line)
    }
}

/// Reads the values of a line.
pub(super) fn read_line(line: &[u8], columns: &[Column]) -> Result<Vec<Cell>, &'static str> {
    let line = std::str::from_utf8(line).map_err(|_| "text that is not UTF-8")?;
    let values: Vec<&str> = line.split('\t').collect();
    if values.len() != columns.len() {
        return Err("a row with other columns than its table");
    }
    let pairs = values.into_iter().zip(columns);
    pairs
        .map(|(text, column)| read_value(text, column.kind))
        .collect()
}

fn read_value(text: &str, kind: Kind) -> Result<Cell, &'static str> {
    if text == NULL {
        return Ok(Cell::Null);
    }
    let text = unescaped(text);
    let number = || text.parse().map_err(|_| "a number out of range");
    Ok(match kind {
        Kind::Plain | Kind::Words => Cell::Text(text),
        Kind::Number => Cell::Number(number()?),
        Kind::Truth => Cell::Number(i64::from(text == "t")),
        Kind::Id => Cell::Bytes(from_hex(&text.replace('-', ""))?),
        Kind::Bytes => Cell::Bytes(from_hex(text.trim_start_matches("\\x"))?),
    })
}

/// Writes the values of a row as a line.
pub(super) fn write_line(
    row: &[Cell],
    columns: &[Column],
    text: &mut String,
) -> Result<(), &'static str> {
    for (place, (cell, column)) in row.iter().zip(columns).enumerate() {
        if place > 0 {
            text.push('\t');
        }
        write_value(cell, column.kind, text)?;
    }
    text.push('\n');
    Ok(())
}

fn write_value(cell: &Cell, kind: Kind, text: &mut String) -> Result<(), &'static str> {
    match (cell, kind) {
        (Cell::Null, _) => text.push_str(NULL),
        (Cell::Number(number), Kind::Truth) => text.push(if *number == 0 { 'f' } else { 't' }),
        (Cell::Number(number), Kind::Number) => {
            let _infallible = write!(text, "{number}");
        }
        (Cell::Bytes(bytes), Kind::Id) => write_hex(bytes, text),
        (Cell::Bytes(bytes), Kind::Bytes) => {
            text.push_str("\\\\x");
            write_hex(bytes, text);
        }
        (Cell::Text(words), Kind::Words) => write_escaped(&array(words), text),
        (Cell::Text(value), Kind::Plain) => write_escaped(value, text),
        _ => return Err("a value of another type than its column"),
    }
    Ok(())
}

/// An array of PostgreSQL, as text.
fn array(words: &str) -> String {
    let quoted = words.split_whitespace().map(|word| {
        let word = word.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{word}\"")
    });
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}

fn write_escaped(value: &str, text: &mut String) {
    for letter in value.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
}

fn unescaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let meant = if letter == '\\' {
            letters.next().map(|escaped| match escaped {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'v' => '\u{b}',
                other => other,
            })
        } else {
            Some(letter)
        };
        value.extend(meant);
    }
    value
}

fn write_hex(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        let _infallible = write!(text, "{byte:02x}");
    }
}

fn from_hex(text: &str) -> Result<Vec<u8>, &'static str> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    let bytes: Option<Vec<u8>> = pairs.collect();
    bytes
        .filter(|_| digits.len().is_multiple_of(2))
        .ok_or("bytes that are not hexadecimal")
}

const NULL: &str = "\\N";

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: Kind) -> Column {
        Column {
            name: "value".to_owned(),
            kind,
        }
    }

    #[test]
    fn every_value_is_read_as_it_was_written() {
        let rows = [
            (Kind::Plain, Cell::Text("a\tb\\N\nc\r\"{}\u{b}é".to_owned())),
            (Kind::Plain, Cell::Text(String::new())),
            (Kind::Plain, Cell::Null),
            (Kind::Number, Cell::Number(i64::MIN)),
            (Kind::Truth, Cell::Number(1)),
            (Kind::Truth, Cell::Number(0)),
            (Kind::Id, Cell::Bytes(vec![0xab; 16])),
            (Kind::Bytes, Cell::Bytes(vec![0, 255, 92])),
            (Kind::Bytes, Cell::Bytes(Vec::new())),
        ];
        let (kinds, cells): (Vec<Kind>, Vec<Cell>) = rows.into_iter().unzip();
        let columns: Vec<Column> = kinds.into_iter().map(column).collect();
        let mut text = String::new();
        write_line(&cells, &columns, &mut text).unwrap();
        let mut lines = Lines::default();
        let (first, second) = text.as_bytes().split_at(7);
        lines.add(first);
        assert_eq!(lines.next_line(), None);
        lines.add(second);
        let line = lines.next_line().unwrap();
        assert_eq!(read_line(&line, &columns), Ok(cells));
        assert_eq!(lines.next_line(), None);
    }

    #[test]
    fn words_become_an_array() {
        let mut text = String::new();
        let cells = [Cell::Text("admin orders:read".to_owned())];
        write_line(&cells, &[column(Kind::Words)], &mut text).unwrap();
        assert_eq!(text, "{\"admin\",\"orders:read\"}\n");
    }

    #[test]
    fn rows_of_another_shape_are_refused() {
        let two = [column(Kind::Plain), column(Kind::Plain)];
        assert!(read_line(b"one", &two).is_err());
        assert!(read_line(b"x", &[column(Kind::Number)]).is_err());
        assert!(read_line(b"abc", &[column(Kind::Id)]).is_err());
        let mut text = String::new();
        let wrong = write_line(&[Cell::Number(1)], &[column(Kind::Bytes)], &mut text);
        assert!(wrong.is_err());
    }
}
