//! The rule that a session ends with the registration of its client: another client that is later
//! registered with the same id does not get it.

use super::record::Session;
use crate::client::Client;

impl Session {
    /// Whether the session began in this registration of its client.
    ///
    /// A registration begins in a later second than every session of a removed client with the same
    /// id (see [`Client::created_at`]). So the record needs no field for it, and the rule holds for
    /// sessions of every version.
    pub fn is_of(&self, client: &Client) -> bool {
        let began_at = self.lifetime.created_at.as_seconds();
        self.grant.client_id == client.id && began_at >= client.created_at.as_seconds()
    }

    /// Whether the session lasts only while its owner allows its client something: if a third party's
    /// client got it from a sign-in on the pages.
    pub fn needs_consent(&self, client: &Client) -> bool {
        let on_pages = self.browser.is_some() || client.signs_in_on_pages();
        on_pages && !client.sign_in.by_redirect.first_party
    }
}

#[cfg(test)]
mod tests {
    use signet_verifier::Timestamp;

    use super::*;
    use crate::client::GrantType;
    use crate::ids::SessionId;
    use crate::session::fixture;

    fn session(client: &Client, millis: u64) -> Session {
        fixture::session(client.id.clone(), 1, Timestamp::from_millis(millis))
    }

    fn registered(millis: u64) -> Client {
        let client = Client::built_in(&[]);
        client.changed(|client| {
            client.id = "app".parse().unwrap();
            client.created_at = Timestamp::from_millis(millis);
        })
    }

    #[test]
    fn a_session_is_of_the_registration_in_or_after_whose_second_it_began() {
        let client = registered(5_900);
        for (began, is_of) in [(4_999, false), (5_000, true), (5_900, true), (9_000, true)] {
            assert_eq!(session(&client, began).is_of(&client), is_of, "{began}");
        }
        let own = Client::built_in(&[]);
        assert!(session(&own, 0).is_of(&own));
        assert!(!session(&own, 9_000).is_of(&client));
    }

    #[test]
    fn a_third_party_that_signs_people_in_on_the_pages_needs_their_consent() {
        let direct = registered(0);
        assert!(!session(&direct, 0).needs_consent(&direct));
        let device = direct.clone().changed(|client| {
            client.permissions.grants.push(GrantType::DeviceCode);
        });
        assert!(session(&device, 0).needs_consent(&device));
        let own = device.changed(|client| client.sign_in.by_redirect.first_party = true);
        let mut by_redirect = session(&own, 0);
        by_redirect.browser = Some(SessionId::from_bytes([3; 16]));
        assert!(!by_redirect.needs_consent(&own));
        // The client has lost its redirect URIs, but the session came from there.
        assert!(by_redirect.needs_consent(&direct));
    }
}
