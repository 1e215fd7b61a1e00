//! Schemas in words, for the page of the document.

use serde_json::Value;

use super::text::{at, elements, escaped, marked, members, prose, reference, text};

/// The named schemas of a document.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a>(&'a Value);

impl<'a> Schemas<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        Self(at(document, "/components/schemas"))
    }

    /// Every schema that is an object. Others are explained where they are used.
    pub(super) fn objects(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        members(self.0).filter(|(_, schema)| is_object(schema))
    }

    /// The rows of the fields of a body: required fields first, then those of the body itself before
    /// those that it shares with others, and each kind in the order of use.
    pub(super) fn rows(self, schema: &Value) -> String {
        let mut fields = Vec::new();
        self.collect(schema, false, &mut fields);
        // The sort is stable: the others stay in the order of their names.
        fields.sort_by_key(|field| (!field.is_required, field.is_shared, rank(field.name)));
        fields.into_iter().map(|field| self.row(&field)).collect()
    }

    fn collect<'s>(self, schema: &'s Value, is_shared: bool, fields: &mut Vec<Field<'s>>)
    where
        'a: 's,
    {
        let schema = self.resolved(schema);
        for part in elements(at(schema, "/allOf")) {
            let is_shared = is_shared || reference(part).is_some();
            self.collect(part, is_shared, fields);
        }
        for (name, schema_of_field) in members(at(schema, "/properties")) {
            let text = self.text_of(schema_of_field);
            let is_listed = elements(at(schema, "/required")).any(|it| it == name);
            fields.push(Field {
                name,
                schema: schema_of_field,
                text,
                // A description begins with this word if the rest of it says when.
                is_required: is_listed || text.starts_with("Required"),
                is_shared,
            });
        }
    }

    fn row(self, field: &Field<'_>) -> String {
        let mark = if field.is_required {
            ""
        } else {
            " <i>optional</i>"
        };
        let (name, kind) = (escaped(field.name), self.kind(field.schema));
        let text = marked(field.text);
        format!("<tr><td><code>{name}</code>{mark}<td>{kind}<td>{text}\n")
    }

    /// What is said of a field: beside it, else of its schema.
    fn text_of<'s>(self, schema: &'s Value) -> &'s str
    where
        'a: 's,
    {
        let first = at(schema, "/oneOf/0");
        let candidates = [schema, first, self.resolved(schema), self.resolved(first)];
        let mut found = candidates
            .map(|schema| text(at(schema, "/description")))
            .into_iter();
        found.find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// A schema in a few words, with its limits. Objects are links.
    pub(super) fn kind(self, schema: &Value) -> String {
        let resolved = self.resolved(schema);
        if let Some(name) = reference(schema).filter(|_| is_object(resolved)) {
            let name = escaped(name);
            return format!("<a href=\"#schema-{name}\">{name}</a>");
        }
        let alternatives = [("/oneOf", " or "), ("/allOf", " and ")];
        for (pointer, joint) in alternatives {
            if let Some(parts) = at(resolved, pointer).as_array() {
                let kinds: Vec<_> = parts.iter().map(|part| self.kind(part)).collect();
                return kinds.join(joint);
            }
        }
        let name = match at(resolved, "/type") {
            Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
            one => text(one).to_owned(),
        };
        let items = at(resolved, "/items");
        if items.is_object() {
            return format!("{} of {}", escaped(&name), self.kind(items));
        }
        format!("{}{}", escaped(&name), limits(resolved))
    }

    fn resolved<'s>(self, schema: &'s Value) -> &'s Value
    where
        'a: 's,
    {
        match reference(schema) {
            Some(name) => self.0.get(name).unwrap_or(schema),
            None => schema,
        }
    }
}

/// A field of a body.
struct Field<'a> {
    name: &'a str,
    schema: &'a Value,
    text: &'a str,
    is_required: bool,
    /// Whether it comes from a schema that several bodies have in common.
    is_shared: bool,
}

/// Where a field is among those of its kind.
fn rank(name: &str) -> usize {
    let place = FIRST.iter().position(|first| *first == name);
    place.unwrap_or(FIRST.len())
}

/// What people look for first in a body.
const FIRST: [&str; 22] = [
    "grant_type",
    "email",
    "id",
    "client_id",
    "current_password",
    "password",
    "new_password",
    "mfa_token",
    "code",
    "name",
    "token_delivery",
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "refresh_expires_in",
    "session_id",
    "account",
    "scope",
    "audience",
    "status",
    "roles",
];

fn is_object(schema: &Value) -> bool {
    ["/properties", "/allOf"]
        .iter()
        .any(|pointer| !at(schema, pointer).is_null())
}

/// The values that a schema admits: `, 8 to 256 characters`.
fn limits(schema: &Value) -> String {
    if let Some(values) = at(schema, "/enum").as_array() {
        let values = values
            .iter()
            .map(|value| format!("<code>{}</code>", prose(value)));
        return format!(": {}", values.collect::<Vec<_>>().join(", "));
    }
    let unit = |pointer: &str| at(schema, pointer).as_u64();
    match (
        (unit("/minLength"), unit("/maxLength")),
        (unit("/minimum"), unit("/maximum")),
    ) {
        ((Some(least), Some(most)), _) if least == most => format!(", {most} characters"),
        ((Some(least), Some(most)), _) => format!(", {least} to {most} characters"),
        (_, (Some(least), Some(most))) => format!(", {least} to {most}"),
        _ => String::new(),
    }
}
