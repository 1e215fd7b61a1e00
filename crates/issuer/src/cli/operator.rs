//! The person who runs a command, as tokens and events name them.

use std::fs::read_to_string;

use rustix::process::getuid;
use signet_core::names::{ClientId, InvalidName};

/// Returns the operating system user who runs this process, as the subject of a token.
///
/// # Errors
///
/// [`InvalidName`] never: a name that tokens cannot have is replaced by the number of the user.
pub(super) fn operator() -> Result<ClientId, InvalidName> {
    let number = getuid().as_raw();
    let users = read_to_string(USERS).unwrap_or_default();
    let named = name_of(number, &users).map(ClientId::of_operator);
    match named {
        Some(Ok(operator)) => Ok(operator),
        _ => ClientId::of_operator(&format!("uid-{number}")),
    }
}

/// The name of the user with this number in the text of the user database.
fn name_of(number: u32, users: &str) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number_there) = (fields.next()?, fields.nth(1)?);
        (number_there.parse() == Ok(number)).then_some(name)
    })
}

/// Users from directories over the network are not in it and have their number as name.
const USERS: &str = "/etc/passwd";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_the_name_of_its_line() {
        let users = "root:x:0:0:root:/:/bin/sh\nbroken\nada:x:1000:1000::/srv/ada:/bin/sh\n";
        assert_eq!(name_of(1000, users), Some("ada"));
        assert_eq!(name_of(0, users), Some("root"));
        assert_eq!(name_of(1, users), None);
        assert_eq!(name_of(0, ""), None);
    }
}
