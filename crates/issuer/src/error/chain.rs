//! An error with its causes, in one line for operators. Clients never see it.

use std::error::Error;
use std::fmt;

/// An error and the chain of its causes.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn Error + Send + Sync));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
