//! What a good token says, and what a service may ask of it.

use serde::Deserialize;
use serde_json::json;
use signet_verifier::{Error, Keys, Timestamp};

use crate::support::{
    AUDIENCE, ISSUER, NOW, Token, jwks, keys, other, policy, reason, signer, verifier,
    verifier_with,
};

#[test]
fn a_good_token_says_everything_under_its_own_name() {
    let act = json!({ "sub": "gateway", "act": { "sub": "edge" } });
    let claims = verifier()
        .verify(&Token::good().claim("act", act).sign())
        .unwrap();
    assert_eq!(claims.iss, ISSUER);
    assert_eq!(claims.sub, "7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11");
    assert_eq!(claims.aud, [AUDIENCE]);
    assert_eq!(claims.exp, Timestamp::from_seconds(NOW + 600));
    assert_eq!(claims.iat, Timestamp::from_seconds(NOW));
    assert_eq!(claims.jti.as_deref(), Some("AAAAAAAAAAAAAAAAAAAAAA"));
    assert_eq!(claims.client_id.as_deref(), Some("signet"));
    assert_eq!(claims.sid.as_deref(), Some("BBBBBBBBBBBBBBBBBBBBBB"));
    assert_eq!(
        claims.scopes().collect::<Vec<_>>(),
        ["account", "orders:read"]
    );
    assert_eq!(claims.roles, ["staff"]);
    assert_eq!(claims.auth_time, Some(Timestamp::from_seconds(NOW - 5)));
    assert_eq!(claims.amr, ["pwd"]);
    let actor = claims.act.unwrap();
    assert_eq!(
        (actor.sub.as_str(), actor.act.unwrap().sub.as_str()),
        ("gateway", "edge")
    );
    assert_eq!(claims.cnf, None);
}

#[test]
fn a_token_of_a_program_needs_few_claims() {
    let mut token = Token::good();
    token
        .claims
        .retain(|name, _| ["iss", "sub", "aud", "exp", "iat"].contains(&name.as_str()));
    let claims = verifier().verify(&token.sign()).unwrap();
    assert_eq!(
        (claims.jti, claims.client_id, claims.sid),
        (None, None, None)
    );
    assert_eq!(
        (claims.scope.as_str(), claims.roles.len(), claims.amr.len()),
        ("", 0, 0)
    );
}

#[test]
fn extra_claims_are_read_into_the_type_that_is_asked_for() {
    #[derive(Debug, Deserialize)]
    struct Extra {
        tenant: String,
        #[serde(default)]
        level: u8,
    }
    let token = Token::good()
        .claim("tenant", "acme")
        .claim("level", 3)
        .sign();
    let extra = verifier().verify_as::<Extra>(&token).unwrap().extra;
    assert_eq!((extra.tenant.as_str(), extra.level), ("acme", 3));
    let without = verifier()
        .verify_as::<Extra>(&Token::good().sign())
        .unwrap_err();
    assert_eq!(without, Error::ClaimsMalformed);
}

#[test]
fn scopes_and_roles_are_whole_words() {
    let claims = verifier().verify(&Token::good().sign()).unwrap();
    assert!(claims.has_scope("orders:read"));
    for scope in [
        "orders",
        "orders:rea",
        "Orders:read",
        "account orders:read",
        "",
        " ",
    ] {
        assert!(!claims.has_scope(scope), "{scope:?}");
    }
    assert!(claims.has_any_role(["admin", "staff"]));
    assert!(!claims.has_any_role(["admin", "Staff"]));
    let required = Box::from("orders:write");
    assert_eq!(
        claims.require_scope("orders:write"),
        Err(Error::ScopeMissing { required })
    );
    assert_eq!(claims.require_any_role(["admin"]), Err(Error::RoleMissing));
}

#[test]
fn a_policy_demands_every_scope_and_one_of_the_roles() {
    let token = Token::good().sign();
    let outcome = |policy| reason(verifier_with(policy).verify(&token));
    assert_eq!(
        outcome(
            policy()
                .require_scope("account")
                .require_scope("orders:read")
        ),
        "accepted"
    );
    assert_eq!(
        outcome(policy().require_scope("account").require_scope("x")),
        "scope_missing"
    );
    assert_eq!(
        outcome(policy().require_any_role(["admin", "staff"])),
        "accepted"
    );
    assert_eq!(
        outcome(policy().require_any_role(["admin"])),
        "role_missing"
    );
}

#[test]
fn a_policy_can_widen_type_audience_and_sender() {
    let id_token = Token::good().header("typ", "JWT").sign();
    assert_eq!(
        reason(verifier_with(policy().accept_typ("jwt")).verify(&id_token)),
        "accepted"
    );
    let renamed = Token::good().claim("aud", "orders-2").sign();
    let both = verifier_with(policy().accept_audience("orders-2"));
    assert_eq!(reason(both.verify(&renamed)), "accepted");
    assert_eq!(reason(both.verify(&Token::good().sign())), "accepted");
    let bound = Token::good().claim("cnf", json!({ "jkt": "thumb" })).sign();
    let claims = verifier_with(policy().accept_sender_constrained())
        .verify(&bound)
        .unwrap();
    assert_eq!(claims.cnf.unwrap().jkt.as_deref(), Some("thumb"));
}

#[test]
fn replaced_keys_count_at_once() {
    let (verifier, token) = (verifier(), Token::good().sign());
    assert_eq!(reason(verifier.verify(&token)), "accepted");
    verifier.replace_keys(Keys::from_jwks(jwks(&[other().jwk()])).unwrap());
    assert_eq!(reason(verifier.verify(&token)), "unknown_key");
    verifier.replace_keys(Keys::from_jwks(jwks(&[other().jwk(), signer().jwk()])).unwrap());
    assert_eq!(reason(verifier.verify(&token)), "accepted");
    assert_eq!(keys().kids().collect::<Vec<_>>(), [signer().kid()]);
}
