//! Mail over SMTP.

mod smtp;

pub(crate) use smtp::{Smtp, SmtpSettings};
