//! The roles of an account together. One role is a [`Role`].

use crate::names::Role;

/// The most characters that the roles of an account may have together, one more for each role.
/// Every access token carries them, and gateways refuse headers of 8 KiB and more.
const MAX_ROLES_CHARACTERS: usize = 1_024;

/// Checks that access tokens can carry these roles.
///
/// # Errors
///
/// [`TooManyRoles`]
pub fn check_roles(roles: &[Role]) -> Result<(), TooManyRoles> {
    let characters: usize = roles.iter().map(|role| role.as_str().len() + 1).sum();
    if characters > MAX_ROLES_CHARACTERS {
        return Err(TooManyRoles);
    }
    Ok(())
}

/// The roles have more than 1,024 characters together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must have at most 1,024 characters together, because every access token carries them")]
pub struct TooManyRoles;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_stay_small_enough_for_tokens() {
        let roles = |count: usize| -> Vec<Role> {
            let role = |number| format!("{number:063}").parse().unwrap();
            (0..count).map(role).collect()
        };
        assert_eq!(check_roles(&roles(16)), Ok(()));
        assert_eq!(check_roles(&roles(17)), Err(TooManyRoles));
    }
}
