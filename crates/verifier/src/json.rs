//! A strict parser of JSON objects: it refuses duplicate names and parses a value only when it is
//! taken. Must not know tokens.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::value::RawValue;

/// A JSON object with at most 256 members and without duplicate names.
#[derive(Debug)]
pub(crate) struct Object<'a>(Vec<Member<'a>>);

#[derive(Debug)]
struct Member<'a> {
    name: Cow<'a, str>,
    /// Distinguishes most names without comparing them.
    hash: u32,
    /// `None` after it was taken.
    value: Option<&'a RawValue>,
}

/// The reasons why a text is not an [`Object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectError {
    NotAnObject,
    DuplicateName,
}

/// The member exists, but has another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

impl<'a> Object<'a> {
    /// Parses `json`, which must be UTF-8 and exactly one object.
    pub(crate) fn parse(json: &'a [u8]) -> Result<Self, ObjectError> {
        let json = std::str::from_utf8(json).map_err(|_| ObjectError::NotAnObject)?;
        let object: Self = serde_json::from_str(json).map_err(|_| ObjectError::NotAnObject)?;
        let mut rest = object.0.as_slice();
        while let [member, others @ ..] = rest {
            if others
                .iter()
                .any(|other| other.is(&member.name, member.hash))
            {
                return Err(ObjectError::DuplicateName);
            }
            rest = others;
        }
        Ok(object)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        let hash = hash(name);
        self.0.iter().any(|member| member.is(name, hash))
    }

    /// Returns a member that was not taken, and leaves it in the object.
    #[cfg(feature = "status")]
    pub(crate) fn peek(&self, name: &str) -> Option<&'a RawValue> {
        let hash = hash(name);
        let member = self.0.iter().find(|member| member.is(name, hash));
        member.and_then(|member| member.value)
    }

    /// Takes a member out. Returns `None` if it is absent; `null` counts as present.
    pub(crate) fn take<T: Deserialize<'a>>(&mut self, name: &str) -> Result<Option<T>, WrongType> {
        self.take_with(name, |value| T::deserialize(value).ok())
    }

    /// Takes a member out and parses it with `read`, which returns `None` for a wrong type.
    pub(crate) fn take_with<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'a RawValue) -> Option<T>,
    ) -> Result<Option<T>, WrongType> {
        let hash = hash(name);
        let member = self.0.iter_mut().find(|member| member.is(name, hash));
        match member.and_then(|member| member.value.take()) {
            Some(value) => read(value).map(Some).ok_or(WrongType),
            None => Ok(None),
        }
    }

    /// Parses the members that were not taken as one value. `()` accepts any members.
    pub(crate) fn into_rest<T: DeserializeOwned>(self) -> Result<T, WrongType> {
        T::deserialize(self).map_err(|_| WrongType)
    }
}

/// Parses a string. A string without escapes is copied directly.
pub(crate) fn text(value: &RawValue) -> Option<String> {
    let written = value.get().strip_prefix('"')?.strip_suffix('"')?;
    if written.contains('\\') {
        String::deserialize(value).ok()
    } else {
        Some(written.to_owned())
    }
}

impl Member<'_> {
    fn is(&self, name: &str, hash: u32) -> bool {
        self.hash == hash && self.name == name
    }
}

/// Combines the length and the last two bytes. They differ for all names that the verifier uses.
fn hash(name: &str) -> u32 {
    let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
    let letters = name.as_bytes().last_chunk().copied();
    (u32::from(length) << u16::BITS) | u32::from(u16::from_le_bytes(letters.unwrap_or_default()))
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// Borrowed, unless the name has escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(USUAL_MEMBERS);
        while let Some((Name(name), value)) = map.next_entry()? {
            let (hash, value) = (hash(&name), Some(value));
            members.push(Member { name, hash, value });
            if members.len() > MEMBERS_MAX {
                return Err(Error::custom("too many members"));
            }
        }
        Ok(Object(members))
    }
}

/// Lets serde read the members that were not taken.
impl<'de> Deserializer<'de> for Object<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let rest = self.0.into_iter();
        let rest = rest.filter_map(|member| Some((member.name, member.value?)));
        visitor.visit_map(MapDeserializer::new(rest))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Each name is compared with every other name, so their number is limited.
const MEMBERS_MAX: usize = 256;
/// Access tokens have about this many claims.
const USUAL_MEMBERS: usize = 16;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_name_may_not_come_twice_however_it_is_written() {
        for twice in [r#"{"a":1,"a":2}"#, r#"{"a":1,"b":{},"\u0061":1}"#] {
            assert_eq!(
                Object::parse(twice.as_bytes()).unwrap_err(),
                ObjectError::DuplicateName
            );
        }
        assert!(Object::parse(br#"{"a":{"b":1},"b":1,"A":1}"#).is_ok());
    }

    #[test]
    fn only_one_whole_object_will_do() {
        for bad in [
            "",
            "1",
            "[]",
            "null",
            "{",
            "{}{}",
            r#"{"a":1,"a":2"#,
            r#"{"a":01}"#,
            "\u{feff}{}",
        ] {
            assert_eq!(
                Object::parse(bad.as_bytes()).unwrap_err(),
                ObjectError::NotAnObject
            );
        }
        assert_eq!(
            Object::parse(b"{\"a\":\"\xff\"}").unwrap_err(),
            ObjectError::NotAnObject
        );
    }

    #[test]
    fn null_is_not_absence() {
        let mut object = Object::parse(br#"{"a":null}"#).unwrap();
        assert_eq!(object.take::<String>("b"), Ok(None));
        assert_eq!(object.take::<String>("a"), Err(WrongType));
    }

    #[test]
    fn what_is_left_fits_a_struct_a_map_and_nothing() {
        #[derive(Deserialize, PartialEq, Debug)]
        struct Extra {
            tenant: String,
        }
        let json = br#"{"sub":"a","tenant":"t","level":3}"#;
        let rest = || {
            let mut object = Object::parse(json).unwrap();
            object.take::<&str>("sub").unwrap();
            object
        };
        assert_eq!(rest().into_rest::<()>(), Ok(()));
        assert_eq!(
            rest().into_rest(),
            Ok(Extra {
                tenant: "t".to_owned()
            })
        );
        assert_eq!(
            rest().into_rest(),
            Ok(Some(Extra {
                tenant: "t".to_owned()
            }))
        );
        let map = rest()
            .into_rest::<BTreeMap<String, serde_json::Value>>()
            .unwrap();
        assert_eq!(map.len(), 2);
        assert_eq!(rest().into_rest::<String>(), Err(WrongType));
    }
}
