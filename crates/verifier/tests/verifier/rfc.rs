//! The RS256 example of RFC 7515, typed from the RFC. (The thumbprint example of RFC 7638 stands
//! beside the function.)

use serde_json::json;
use signet_verifier::{Error, Keys, KidRule, verify_signature_layer_only};

use crate::support::{encode, jwks, other};

/// Appendix A.2: claims of 2011 in a token whose header names no key.
#[test]
fn the_rs256_example_of_rfc_7515() {
    let jwk = json!({ "kty": "RSA", "kid": "a2", "n": MODULUS, "e": "AQAB" });
    let keys = Keys::from_jwks_with(jwks(&[other().jwk(), jwk]), KidRule::Any).unwrap();
    let header = encode(r#"{"alg":"RS256"}"#);
    let claims = encode(CLAIMS);
    let payload = verify_signature_layer_only(&format!("{header}.{claims}.{SIGNATURE}"), &keys);
    assert_eq!(payload.unwrap(), CLAIMS.as_bytes());
    let altered = encode(CLAIMS.replace("joe", "moe"));
    let refused = verify_signature_layer_only(&format!("{header}.{altered}.{SIGNATURE}"), &keys);
    assert_eq!(refused, Err(Error::SignatureInvalid));
}

const CLAIMS: &str =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

const MODULUS: &str = concat!(
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt",
    "0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX",
    "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5",
    "IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
);

const SIGNATURE: &str = concat!(
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W",
    "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS",
    "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv",
    "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
);
