//! Mail over SMTP.

mod settings;
mod smtp;

pub(crate) use settings::{SmtpProblem, SmtpSettings, read_authority};
pub(crate) use smtp::Smtp;
