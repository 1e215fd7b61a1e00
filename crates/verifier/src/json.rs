//! Strict reading of a JSON object: no name twice, every value kept as it was written until
//! somebody asks for it. Knows nothing of tokens.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::value::RawValue;

/// A JSON object whose names are all different. A B-tree, so that a hostile object with
/// thousands of names costs no more than sorting them.
#[derive(Debug)]
pub(crate) struct Object<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

/// Why something is no [`Object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectError {
    NotAnObject,
    DuplicateName,
}

/// A member is there, but it is not what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

impl<'a> Object<'a> {
    /// Reads the whole of `json`, which must be UTF-8 and one object.
    pub(crate) fn parse(json: &'a [u8]) -> Result<Self, ObjectError> {
        let json = str::from_utf8(json).map_err(|_| ObjectError::NotAnObject)?;
        match serde_json::from_str(json) {
            Ok(Members::Unique(members)) => Ok(Self(members)),
            Ok(Members::Repeated) => Err(ObjectError::DuplicateName),
            Err(_) => Err(ObjectError::NotAnObject),
        }
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes a member out. A member that is not there is `None`; `null` is there.
    pub(crate) fn take<T: Deserialize<'a>>(&mut self, name: &str) -> Result<Option<T>, WrongType> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(value) => T::deserialize(value).map(Some).map_err(|_| WrongType),
        }
    }

    /// Reads what has not been taken as one value. `()` takes it whatever it is.
    pub(crate) fn into_rest<T: DeserializeOwned>(self) -> Result<T, WrongType> {
        T::deserialize(Rest(self.0)).map_err(|_| WrongType)
    }
}

/// What one pass over an object finds. A repeated name does not end the pass, so that broken
/// JSON behind it is still called broken.
enum Members<'a> {
    Unique(BTreeMap<Cow<'a, str>, &'a RawValue>),
    Repeated,
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        let mut repeated = false;
        while let Some((Name(name), value)) = map.next_entry()? {
            repeated |= members.insert(name, value).is_some();
        }
        Ok(if repeated {
            Members::Repeated
        } else {
            Members::Unique(members)
        })
    }
}

/// A member's name, borrowed unless it was written with escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

/// The members that nobody has taken, as something that serde can read a value from.
struct Rest<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'de> Deserializer<'de> for Rest<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(MapDeserializer::new(self.0.into_iter()))
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

#[cfg(test)]
mod tests {
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
