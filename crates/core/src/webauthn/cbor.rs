//! A reader of the part of CBOR (RFC 8949) that authenticators write: definite lengths, and maps
//! that are not deep (CTAP 2.1 section 8). It copies nothing and reads each byte once.

/// Reads items from bytes, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

/// One item. A map is followed by its keys and values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Item<'a> {
    /// A whole number.
    Integer(i64),
    /// A byte string.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// A map with this many entries.
    Map(u64),
    /// Anything else. It has been skipped.
    Other,
}

/// The bytes are not CBOR of this kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NotCbor;

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes that have not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads one item.
    pub(super) fn item(&mut self) -> Result<Item<'a>, NotCbor> {
        self.item_at(0)
    }

    /// Reads the head of a map, and returns the number of its entries.
    pub(super) fn map(&mut self) -> Result<u64, NotCbor> {
        match self.item()? {
            Item::Map(entries) => Ok(entries),
            _ => Err(NotCbor),
        }
    }

    /// Skips one item with all that it contains.
    pub(super) fn skip(&mut self) -> Result<(), NotCbor> {
        self.skip_at(0)
    }

    fn skip_at(&mut self, depth: usize) -> Result<(), NotCbor> {
        if let Item::Map(entries) = self.item_at(depth)? {
            for _ in 0..entries {
                self.skip_at(depth + 1)?;
                self.skip_at(depth + 1)?;
            }
        }
        Ok(())
    }

    fn item_at(&mut self, depth: usize) -> Result<Item<'a>, NotCbor> {
        if depth > MAX_DEPTH {
            return Err(NotCbor);
        }
        let (major, argument) = self.head()?;
        match major {
            0 => i64::try_from(argument)
                .map(Item::Integer)
                .map_err(|_| NotCbor),
            1 => {
                let number = i64::try_from(argument).map_err(|_| NotCbor)?;
                Ok(Item::Integer(-1 - number))
            }
            2 => self.take(argument).map(Item::Bytes),
            3 => {
                let text = std::str::from_utf8(self.take(argument)?);
                text.map(Item::Text).map_err(|_| NotCbor)
            }
            4 => {
                // Each element takes a byte at least, so the end of the bytes ends this loop.
                for _ in 0..argument {
                    self.skip_at(depth + 1)?;
                }
                Ok(Item::Other)
            }
            5 => Ok(Item::Map(argument)),
            6 => self.skip_at(depth + 1).map(|()| Item::Other),
            _ => Ok(Item::Other),
        }
    }

    /// The major type and the argument of an item (RFC 8949 section 3).
    fn head(&mut self) -> Result<(u8, u64), NotCbor> {
        let (&first, rest) = self.rest.split_first().ok_or(NotCbor)?;
        self.rest = rest;
        let argument = match first & 0x1f {
            small @ 0..=23 => u64::from(small),
            24 => self.number(1)?,
            25 => self.number(2)?,
            26 => self.number(4)?,
            27 => self.number(8)?,
            // Reserved, or of indefinite length.
            _ => return Err(NotCbor),
        };
        Ok((first >> 5, argument))
    }

    fn number(&mut self, bytes: u64) -> Result<u64, NotCbor> {
        let bytes = self.take(bytes)?.iter();
        Ok(bytes.fold(0, |number, &byte| (number << 8) | u64::from(byte)))
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], NotCbor> {
        let count = usize::try_from(count).map_err(|_| NotCbor)?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(NotCbor)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// CTAP allows four levels.
const MAX_DEPTH: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_in_their_order() {
        let bytes = [
            0x18, 0x64, 0x39, 0x01, 0x00, 0x41, 0x07, 0x62, b'o', b'k', 0xf5, 0x82, 0x01, 0x02,
            0xa1, 0x01, 0x02,
        ];
        let mut reader = Reader::new(&bytes);
        let expected = [
            Item::Integer(100),
            Item::Integer(-257),
            Item::Bytes(&[7]),
            Item::Text("ok"),
            Item::Other,
            Item::Other,
            Item::Map(1),
            Item::Integer(1),
            Item::Integer(2),
        ];
        for item in expected {
            assert_eq!(reader.item(), Ok(item));
        }
        assert_eq!(reader.item(), Err(NotCbor));
    }

    #[test]
    fn an_item_is_skipped_with_its_content() {
        // {1: {2: [3, h'04']}, "a": 24(1.5)}, 7
        let bytes = [
            0xa2, 0x01, 0xa1, 0x02, 0x82, 0x03, 0x41, 0x04, 0x61, b'a', 0xd8, 0x18, 0xf9, 0x3e,
            0x00, 0x07,
        ];
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.skip(), Ok(()));
        assert_eq!(reader.rest(), [7]);
    }

    #[test]
    fn depth_length_and_form_are_bounded() {
        let deep = [[0xa1, 0x01].as_slice(); 6].concat();
        let cases: [&[u8]; 10] = [
            &[],
            &[0x18],
            &[0x42, 1],
            &[0x5f, 0x41, 1, 0xff],
            &[0x61, 0xff],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            &deep,
        ];
        for bytes in cases {
            assert_eq!(Reader::new(bytes).skip(), Err(NotCbor), "{bytes:?}");
        }
        let nested = [0x81].repeat(10_000);
        assert_eq!(Reader::new(&nested).skip(), Err(NotCbor));
    }
}
